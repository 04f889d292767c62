/** Longest path and longest name in it that every file system takes, in UTF-8 bytes. */
const MAX_PATH_BYTES = 1024;
const MAX_NAME_BYTES = 255;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
/** Format characters: invisible, or they reorder what a reviewer sees; file systems of Apple ignore many of them. */
const INVISIBLE = /[\p{Cf}\p{DI}]/u;
const DEVICE = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\.|$)/i;
/** Windows' short form of `.git` and of git's own dot files: `git~1`, `gitmod~1`, `gi7eba~1`. */
const SHORT_NAME = /^gi[^/]*~\d/i;

/**
 * Why a path may not stand in a pull request, as the end of a sentence that starts with the path; undefined when it
 * may. Judges spelling only: each rule is about a file system or a tool that would read the path as something else.
 */
export function pathProblem(path: string): string | undefined {
  if (path === "") return "is empty";
  if (!path.isWellFormed()) return "is not valid Unicode";
  if (utf8Length(path) > MAX_PATH_BYTES) return `is longer than ${MAX_PATH_BYTES} bytes`;
  if (CONTROL.test(path)) return "contains a control character";
  if (INVISIBLE.test(path)) return "contains an invisible character";
  if (path.includes("\\")) return "contains a backslash";
  if (path.startsWith("/")) return "is absolute";
  if (path.startsWith("-")) return "starts with a dash";
  for (const name of path.split("/")) {
    const problem = nameProblem(name);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function nameProblem(name: string): string | undefined {
  if (name === "") return "contains an empty name";
  if (name === "." || name === "..") return `contains the name ${name}`;
  if (isGitFolder(name) || SHORT_NAME.test(name)) return "names git's own folder";
  if (name.includes(":")) return "contains a colon";
  if (/[. ]$/.test(name)) return "contains a name that ends in a dot or a space";
  if (DEVICE.test(name)) return "contains a name that Windows keeps for a device";
  if (utf8Length(name) > MAX_NAME_BYTES) return `has a name longer than ${MAX_NAME_BYTES} bytes`;
  return undefined;
}

function isGitFolder(name: string): boolean {
  return /^\.git([. ]*$|[. ]*:)/i.test(name);
}

/**
 * Why a symbolic link at `path` may not point to `target`; undefined when the target stays inside the repository. Only
 * leading `..` count as going up: one behind a name could go up from wherever another link leads.
 */
export function linkProblem(path: string, target: string): string | undefined {
  if (target === "") return "is a symbolic link without a target";
  const names = target.replace(/\/$/, "").split("/");
  const ups = names.findIndex((name) => name !== "..");
  const down = names.slice(ups === -1 ? names.length : ups);
  if (target.startsWith("/") || (ups === -1 ? names.length : ups) > path.split("/").length - 1) {
    return "is a symbolic link that leads out of the repository";
  }
  if (down.length === 0) return undefined;
  if (down.length === 1 && down[0] === ".") return undefined;
  const problem = pathProblem(down.join("/").replace(/^(\.\/)+/, ""));
  return problem === undefined ? undefined : `is a symbolic link whose target ${problem}`;
}

/** A path as it may stand in a message: one line, visible characters, 200 at most. */
export function escapePath(path: string): string {
  const shown = [...path].slice(0, 200).map((character) => {
    const odd = CONTROL.test(character) || INVISIBLE.test(character) || !character.isWellFormed();
    return odd ? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}` : character;
  });
  return `\`${shown.join("").replaceAll("`", "\\u{60}")}${path.length > 200 ? "…" : ""}\``;
}

/** Two paths that a case-insensitive, normalising file system can't hold side by side have the same key. */
export function collisionKey(path: string): string {
  return path.normalize("NFC").toLowerCase().normalize("NFC");
}

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}
