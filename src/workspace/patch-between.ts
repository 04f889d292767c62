import { Failure } from "../errors.ts";
import type { Mirror } from "./mirror.ts";
import { byPath, type FileChange, PATCH_LIMITS, type Patch, type TreeEntry } from "./patch.ts";
import { LFS_POINTER } from "./unsupported.ts";

/** A changed path that a sandbox can't be given as its commit has it; `why` goes on after "it". */
export type Unapplied = { readonly path: string; readonly why: string };

export type CommitPatch = { readonly patch: Patch; readonly unapplied: readonly Unapplied[] };

/**
 * What leads from one commit of people's to another. Nothing in it is refused for what it is, as a patch of Dunlin's own
 * would be; what can't be applied is named. Throws `limit-reached/pull-request-too-large`.
 */
export async function patchBetween(
  mirror: Pick<Mirror, "list" | "readBlob">,
  baseSha: string,
  headSha: string,
): Promise<CommitPatch> {
  const before = new Map((await mirror.list(baseSha)).map((entry) => [entry.path, entry]));
  const after = await mirror.list(headSha);
  const paths = new Set(after.map(({ path }) => path));
  const changed = after.filter((entry) => !isSame(entry, before.get(entry.path)));
  const gone = [...before.values()].filter(({ path }) => !paths.has(path));
  refuseTooLarge(changed, gone);
  const changes: FileChange[] = gone.flatMap(({ path, mode }) =>
    mode === "160000" ? [] : [{ path, kind: "delete" }],
  );
  const unapplied: Unapplied[] = [];
  for (const entry of changed) {
    const { path } = entry;
    const problem = unapplicable(entry);
    if (problem !== undefined) unapplied.push({ path, why: problem });
    if (problem !== undefined || entry.mode === "160000") continue;
    const data = await mirror.readBlob(entry.blob, PATCH_LIMITS.fileBytes);
    if (isPointer(data))
      unapplied.push({ path, why: "is kept in git LFS; only its pointer is there" });
    changes.push({ path, kind: "write", mode: entry.mode, data });
  }
  return { patch: { baseSha, changes: changes.sort(byPath) }, unapplied };
}

function isSame(entry: TreeEntry, other: TreeEntry | undefined): boolean {
  return entry.blob === other?.blob && entry.mode === other.mode;
}

function unapplicable({ mode, bytes }: TreeEntry): string | undefined {
  if (mode === "160000") return "is a submodule, which Dunlin can't fetch";
  if (bytes <= PATCH_LIMITS.fileBytes) return undefined;
  return `is larger than ${PATCH_LIMITS.fileBytes >> 20} MiB`;
}

function isPointer(data: Uint8Array): boolean {
  const start = new TextDecoder("latin1").decode(data.subarray(0, LFS_POINTER.length));
  return start === LFS_POINTER;
}

function refuseTooLarge(changed: readonly TreeEntry[], gone: readonly TreeEntry[]): void {
  const files = changed.length + gone.length;
  const applicable = changed.filter((entry) => unapplicable(entry) === undefined);
  const bytes = applicable.reduce((sum, entry) => sum + entry.bytes, 0);
  if (files <= PATCH_LIMITS.files && bytes <= PATCH_LIMITS.bytes) return;
  throw new Failure(
    "limit-reached",
    "pull-request-too-large",
    `The pull request changes ${files} files with ${(bytes / 2 ** 20).toFixed(1)} MiB; Dunlin looks at ${PATCH_LIMITS.files} files and ${PATCH_LIMITS.bytes >> 20} MiB at most. Split it into smaller ones.`,
  );
}
