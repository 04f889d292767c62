import { Failure } from "../errors.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { runScript } from "./job-git.ts";
import { byPath, type FileChange, PATCH_LIMITS, type Patch, type TreeEntry } from "./patch.ts";
import { joinBytes } from "./records.ts";
import {
  createIgnore,
  embeddedRepository,
  fileTooLarge,
  pathNotUtf8,
  type SurveyOptions,
  sumProblem,
  surveyWorkspace,
} from "./survey.ts";
import { decodeUtf8 } from "./utf8.ts";

const TIMEOUT_MS = 2 * 60_000;
/** The contents and, on top, their names and the names of deleted files. */
const MAX_OUTPUT_BYTES = PATCH_LIMITS.bytes + (4 << 20);

/**
 * Compares the workspace with the base and writes three lists: deleted paths, changed files with mode and blob, and
 * the blobs themselves. A second index takes the changed files, so that git reads them as a commit would.
 */
const COLLECT = `
cat > "$GIT_DIR/paths"
git update-index -q --refresh > /dev/null || true
git diff-files -z --name-only --ignore-submodules=all --diff-filter=D
printf '\\0'
git diff-files -z --name-only --ignore-submodules=none --diff-filter=d >> "$GIT_DIR/paths"
export GIT_INDEX_FILE="$GIT_DIR/changed"
git update-index -z --add --stdin < "$GIT_DIR/paths"
git ls-files -z --stage
printf '\\0'
git ls-files --format='%(objectname)' | git cat-file --batch
rm -rf "$GIT_DIR"
`;

export type ReadChangesOptions = SurveyOptions & { readonly baseSha: string };

/**
 * What the workspace holds against the base commit, as a commit of it would: ignored files are left out, line ends
 * are converted as `.gitattributes` says. The workspace's own `.git` is not looked at, so commits, stashes and
 * settings made there change nothing. Throws what `surveyWorkspace` throws.
 */
export async function readChanges(sandbox: Sandbox, options: ReadChangesOptions): Promise<Patch> {
  const { baseSha, ignore, signal, tree } = options;
  const untracked = await surveyWorkspace(sandbox, options);
  const output: Uint8Array[] = [];
  await runScript(sandbox, {
    what: "reading the changed files",
    text: COLLECT,
    stdin: new TextEncoder().encode(untracked.map((path) => `${path}\0`).join("")),
    timeoutMs: TIMEOUT_MS,
    killAfterOutputBytes: MAX_OUTPUT_BYTES,
    onOutput: ({ fd, data }) => {
      if (fd === 1) output.push(data.slice());
    },
    ...(signal === undefined ? {} : { signal }),
  });
  const { deleted, written } = parseCollected(joinBytes(output));
  const base = new Map(tree.map((entry) => [entry.path, entry]));
  const allowed = new Set([...base.keys(), ...untracked]);
  const isIgnored = createIgnore(ignore);
  const writes = written.filter((file) => !isUnchanged(file, base.get(file.path)));
  const changes: FileChange[] = [
    ...deleted.map((path): FileChange => ({ path, kind: "delete" })),
    ...writes.map(({ path, mode, data }): FileChange => ({ path, kind: "write", mode, data })),
  ].filter(({ path }) => base.has(path) || !isIgnored(path));
  requireSane(changes, allowed, base);
  return { baseSha, changes: changes.sort(byPath) };
}

type Written = Extract<FileChange, { kind: "write" }> & { readonly blob: string };

function isUnchanged(file: Written, entry: TreeEntry | undefined): boolean {
  return entry?.blob === file.blob && entry.mode === file.mode;
}

function requireSane(
  changes: readonly FileChange[],
  allowed: ReadonlySet<string>,
  base: ReadonlyMap<string, TreeEntry>,
): void {
  const seen = new Set<string>();
  let bytes = 0;
  for (const change of changes) {
    if (seen.has(change.path) || !allowed.has(change.path)) throw oddAnswer();
    if (change.kind === "delete" && !base.has(change.path)) throw oddAnswer();
    seen.add(change.path);
    bytes += change.kind === "write" ? change.data.length : 0;
  }
  const problem = sumProblem(changes.length, bytes);
  if (problem !== undefined) throw problem;
}

/** Reads what COLLECT wrote. It comes from the job: every length is checked before it is used. */
function parseCollected(output: Uint8Array): { deleted: string[]; written: Written[] } {
  let offset = 0;
  const upTo = (end: number) => {
    if (end === -1) throw oddAnswer();
    const bytes = output.subarray(offset, end);
    offset = end + 1;
    return bytes;
  };
  const list = () => {
    const records: string[] = [];
    for (let one = upTo(output.indexOf(0, offset)); one.length > 0; ) {
      const record = decodeUtf8(one);
      if (record === undefined) throw pathNotUtf8(one);
      records.push(record);
      one = upTo(output.indexOf(0, offset));
    }
    return records;
  };
  const deleted = list();
  const written = list().map((record): Written => {
    const { mode, blob, path } = parseStaged(record);
    const header = new TextDecoder().decode(upTo(output.indexOf(0x0a, offset)));
    const bytes = Number(/^[0-9a-f]{40} blob (\d{1,12})$/.exec(header)?.[1] ?? Number.NaN);
    if (bytes > PATCH_LIMITS.fileBytes) throw fileTooLarge(path);
    if (!(offset + bytes < output.length)) throw oddAnswer();
    return { path, kind: "write", mode, blob, data: upTo(offset + bytes).slice() };
  });
  if (offset !== output.length) throw oddAnswer();
  return { deleted, written };
}

function parseStaged(record: string): Pick<Written, "mode" | "blob" | "path"> {
  const [head, mode, blob] = /^(\d{6}) ([0-9a-f]{40}) 0\t/.exec(record) ?? [];
  if (head === undefined || blob === undefined) throw oddAnswer();
  const path = record.slice(head.length);
  if (mode === "160000") throw embeddedRepository(path);
  if (mode === "100644" || mode === "100755" || mode === "120000") return { mode, blob, path };
  throw oddAnswer();
}

function oddAnswer(): Failure {
  const message =
    "The sandbox's answer about its files makes no sense. Start the run again in a new sandbox.";
  return new Failure("invalid-request", "workspace-unreadable", message);
}
