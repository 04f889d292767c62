import { byPath, type FileChange, PATCH_LIMITS, type Patch, type TreeEntry } from "./patch.ts";
import { sumProblem } from "./survey.ts";

/** A file that one of Dunlin's own tools has written; the path is relative to the workspace. */
export type WrittenFile = {
  readonly path: string;
  readonly data: Uint8Array;
  readonly mode: "100644" | "100755";
};

/**
 * The patch of a workspace that was as `patch` says, once `file` is written and nothing else has happened: what
 * `readChanges` would read, without a look at the workspace. Undefined where only a reading can tell: a new file may be
 * ignored, one of the base's size may be the base's again, and attributes may convert what a commit would hold.
 */
export function amendPatch(
  patch: Patch,
  file: WrittenFile,
  base: ReadonlyMap<string, TreeEntry>,
): Patch | undefined {
  const entry = base.get(file.path);
  const before = patch.changes.find(({ path }) => path === file.path);
  if (!isPlainFile(entry, before)) return undefined;
  if (entry?.bytes === file.data.length || file.data.length > PATCH_LIMITS.fileBytes) {
    return undefined;
  }
  if (/(^|\/)\.git[^/]*$/i.test(file.path) || hasAttributes(patch.changes)) return undefined;
  const others = patch.changes.filter((change) => change !== before);
  const changes = [...others, { ...file, kind: "write" } as const].sort(byPath);
  return isWithinLimits(changes) ? { ...patch, changes } : undefined;
}

/** Whether attributes may change what a commit holds of a file. */
export function hasAttributes(files: Iterable<{ readonly path: string }>): boolean {
  for (const { path } of files) if (/(^|\/)\.gitattributes$/i.test(path)) return true;
  return false;
}

/** Known to git as a file, in the base or in the patch. */
function isPlainFile(entry: TreeEntry | undefined, before: FileChange | undefined): boolean {
  if (before?.kind === "write") return before.mode !== "120000";
  return entry?.mode === "100644" || entry?.mode === "100755";
}

function isWithinLimits(changes: readonly FileChange[]): boolean {
  const sizes = changes.map((change) => (change.kind === "write" ? change.data.length : 0));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  return sumProblem(changes.length, bytes) === undefined;
}
