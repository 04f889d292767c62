import { Failure } from "../errors.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { indexInfo, NEW_PRIVATE_GIT, runScript, SURVEYED } from "./job-git.ts";
import { PATCH_LIMITS, type TreeEntry } from "./patch.ts";
import { escapePath } from "./patch-path.ts";
import { createRecordReader, joinBytes } from "./records.ts";
import { decodeUtf8 } from "./utf8.ts";

const TIMEOUT_MS = 60_000;
const MAX_OUTPUT_BYTES = 64 << 20;
/** Line ends and encodings can make a file larger in the workspace than in the commit, but not more than this. */
const MAX_GROWTH = 4;

/** Names, types and sizes only: nothing is opened. The private folder stays, with the base in its index. */
const SURVEY = `echo > ${SURVEYED}
${NEW_PRIVATE_GIT}
[ "$1" = 0 ] || head -c "$1" > "$GIT_DIR/info/exclude"
git update-index -z --index-info
git ls-files -z --cached --others --exclude-standard |
  xargs -0 -r stat --printf='%f %s %n\\0' -- 2> /dev/null || true
`;

export type SurveyOptions = {
  readonly tree: readonly TreeEntry[];
  /** Paths from the workspace that are no part of the work; one that ends in `/` stands for all below it. */
  readonly ignore: readonly string[];
  readonly signal?: AbortSignal;
};

/**
 * The untracked files of a workspace that may become part of a patch. Throws before anything is read: `limit-reached`
 * for too many or too large files, `invalid-request` for what a patch can't hold.
 */
export async function surveyWorkspace(
  sandbox: Sandbox,
  options: SurveyOptions,
): Promise<readonly string[]> {
  const { tree, signal } = options;
  const exclude = new TextEncoder().encode(options.ignore.map(excludeLine).join(""));
  const stop = new AbortController();
  const census = createCensus(tree, createIgnore(options.ignore));
  const read = createRecordReader((record) => census.add(record));
  try {
    await runScript(sandbox, {
      what: "listing the changed files",
      text: SURVEY,
      args: [`${exclude.length}`],
      stdin: joinBytes([exclude, indexInfo(tree)]),
      timeoutMs: TIMEOUT_MS,
      killAfterOutputBytes: MAX_OUTPUT_BYTES,
      signal: signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]),
      onOutput: ({ fd, data }) => {
        if (fd === 1 && census.problem === undefined) read(data);
        if (census.problem !== undefined) stop.abort();
      },
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw census.problem ?? error;
  }
  if (census.problem !== undefined) throw census.problem;
  return census.untracked;
}

/** Whether a path belongs to what the set-up phase made. */
export function createIgnore(ignore: readonly string[]): (path: string) => boolean {
  const files = new Set(ignore.filter((path) => !path.endsWith("/")));
  const folders = ignore.filter((path) => path.endsWith("/"));
  return (path) => files.has(path) || folders.some((folder) => path.startsWith(folder));
}

/** A line of git's exclude file; a name with a newline has none and is left out on the host alone. */
function excludeLine(path: string): string {
  return path.includes("\n") ? "" : `/${path.replaceAll(/[\\*?[\] !#]/g, "\\$&")}\n`;
}

type Census = {
  readonly untracked: readonly string[];
  readonly problem: Failure | undefined;
  add(record: Uint8Array): void;
};

function createCensus(tree: readonly TreeEntry[], ignored: (path: string) => boolean): Census {
  const base = new Map(tree.map((entry) => [entry.path, entry]));
  const untracked: string[] = [];
  let bytes = 0;
  let problem: Failure | undefined;
  const judge = (path: string, mode: number, size: number) => {
    const entry = base.get(path);
    if (entry !== undefined) return trackedProblem(entry, mode, size);
    if (ignored(path)) return undefined;
    untracked.push(path);
    bytes += size;
    return untrackedProblem(path, size) ?? sumProblem(untracked.length, bytes);
  };
  return {
    untracked,
    get problem() {
      return problem;
    },
    add(record) {
      const space = record.indexOf(0x20, record.indexOf(0x20) + 1);
      const path = decodeUtf8(record.subarray(space + 1));
      const [mode = "", size = ""] = new TextDecoder().decode(record.subarray(0, space)).split(" ");
      if (path === undefined) problem ??= pathNotUtf8(record.subarray(space + 1));
      else problem ??= judge(path, Number.parseInt(mode, 16), Number(size));
    },
  };
}

function trackedProblem(entry: TreeEntry, mode: number, size: number): Failure | undefined {
  const type = mode & 0o170000;
  if (type === 0o040000 || type === 0o120000) return undefined;
  if (type !== 0o100000) return specialFile(entry.path);
  const allowed = Math.max(PATCH_LIMITS.fileBytes, MAX_GROWTH * entry.bytes);
  return size > allowed ? fileTooLarge(entry.path) : undefined;
}

function untrackedProblem(path: string, size: number): Failure | undefined {
  if (path.endsWith("/")) return embeddedRepository(path);
  if (/(^|\/)\.git(\/|$)/i.test(path)) return pathRefused(path);
  return size > PATCH_LIMITS.fileBytes ? fileTooLarge(path) : undefined;
}

export function sumProblem(files: number, bytes: number): Failure | undefined {
  if (files > PATCH_LIMITS.files) {
    const message = `The change set is too large: more than ${PATCH_LIMITS.files} files. Remove generated files or ignore them in .gitignore.`;
    return new Failure("limit-reached", "too-many-files", message);
  }
  if (bytes <= PATCH_LIMITS.bytes) return undefined;
  const message = `The change set is too large: more than ${PATCH_LIMITS.bytes >> 20} MiB. Remove generated files or ignore them in .gitignore.`;
  return new Failure("limit-reached", "too-many-bytes", message);
}

export function fileTooLarge(path: string): Failure {
  const message = `${escapePath(path)} is larger than ${PATCH_LIMITS.fileBytes >> 20} MiB. Remove it or make it smaller.`;
  return new Failure("limit-reached", "file-too-large", message);
}

export function embeddedRepository(path: string): Failure {
  const message = `${escapePath(path)} is a git repository of its own, which a patch can't hold. Remove it or its .git folder.`;
  return new Failure("invalid-request", "embedded-repository", message);
}

function specialFile(path: string): Failure {
  const message = `${escapePath(path)} was replaced by something that is neither a file nor a link. Put the file back.`;
  return new Failure("invalid-request", "special-file", message);
}

function pathRefused(path: string): Failure {
  const message = `${escapePath(path)} has a name that git keeps for itself. Rename or remove it.`;
  return new Failure("invalid-request", "path-refused", message);
}

export function pathNotUtf8(path: Uint8Array): Failure {
  const shown = escapePath(String.fromCharCode(...path.subarray(0, 200)));
  const message = `A file's name is not UTF-8, shown as Latin-1: ${shown}. Rename or remove it.`;
  return new Failure("invalid-request", "path-not-utf8", message);
}
