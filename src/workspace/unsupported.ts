import { Failure } from "../errors.ts";
import type { TreeEntry } from "./patch.ts";
import { escapePath } from "./patch-path.ts";

/** The specification of git LFS says that a pointer is smaller than this and starts like this. */
const MAX_POINTER_BYTES = 1024;
export const LFS_POINTER = "version https://git-lfs.github.com/spec/";

/**
 * Throws `invalid-request` for a repository whose commit alone is not what its author works on: `submodules` or `lfs`.
 * `readFile` gives a file's text, undefined when it is too large or not there.
 */
export async function refuseUnsupported(
  tree: readonly TreeEntry[],
  readFile: (path: string) => Promise<string | undefined>,
): Promise<void> {
  const submodule = tree.find(({ mode, path }) => mode === "160000" || path === ".gitmodules");
  if (submodule !== undefined) {
    const message = `The repository uses git submodules (${escapePath(submodule.path)}), which Dunlin can't fetch. Ask on a repository without them.`;
    throw new Failure("invalid-request", "submodules", message);
  }
  const pointer = await findPointer(tree, readFile);
  if (pointer === undefined) return;
  const message = `The repository keeps files in git LFS (${escapePath(pointer)}), which Dunlin can't fetch. Ask on a repository without LFS files.`;
  throw new Failure("invalid-request", "lfs", message);
}

/** The first file that an attribute gives to LFS and that is a pointer; an attribute alone does no harm. */
async function findPointer(
  tree: readonly TreeEntry[],
  readFile: (path: string) => Promise<string | undefined>,
): Promise<string | undefined> {
  const matchers: ((path: string) => boolean)[] = [];
  for (const { path } of tree.filter((entry) => /(^|\/)\.gitattributes$/.test(entry.path))) {
    const folder = path.slice(0, -".gitattributes".length);
    matchers.push(...lfsPatterns((await readFile(path)) ?? "", folder));
  }
  if (matchers.length === 0) return undefined;
  for (const { path, mode, bytes } of tree) {
    if (mode === "120000" || bytes < LFS_POINTER.length || bytes >= MAX_POINTER_BYTES) continue;
    if (!matchers.some((matches) => matches(path))) continue;
    if ((await readFile(path))?.startsWith(LFS_POINTER) === true) return path;
  }
  return undefined;
}

function lfsPatterns(attributes: string, folder: string): ((path: string) => boolean)[] {
  return attributes
    .split(/\r?\n/)
    .filter((line) => !line.trimStart().startsWith("#") && /\sfilter=lfs(\s|$)/.test(line))
    .map((line) => {
      const pattern = line.trim().split(/\s+/)[0] ?? "";
      const anchored = pattern.includes("/");
      const expression = globExpression(pattern.replace(/^\//, ""));
      return (path) => {
        if (!path.startsWith(folder)) return false;
        const below = path.slice(folder.length);
        return expression.test(anchored ? below : below.slice(below.lastIndexOf("/") + 1));
      };
    });
}

/** Git's wildcards: `*` and `?` stay within a name, `**` goes over folders, `[…]` is a set. */
function globExpression(glob: string): RegExp {
  const source = glob.replaceAll(/\*\*\/?|[*?]|\[[^\]]*\]|[\\^$.|+(){}]/g, (token) => {
    if (token === "**/") return "(?:.*/)?";
    if (token === "**") return ".*";
    if (token === "*") return "[^/]*";
    if (token === "?") return "[^/]";
    return token.startsWith("[")
      ? token.replace(/^\[!/, "[^").replaceAll("\\", "\\\\")
      : `\\${token}`;
  });
  return new RegExp(`^${source}$`);
}
