/** A file of a commit's tree; `bytes` is the blob's size, 0 for a submodule (160000). */
export type TreeEntry = {
  readonly path: string;
  readonly mode: "100644" | "100755" | "120000" | "160000";
  readonly blob: string;
  readonly bytes: number;
};

/** One changed path against the base; `data` holds the new content (a link's target for 120000). */
export type FileChange =
  | { readonly path: string; readonly kind: "delete" }
  | {
      readonly path: string;
      readonly kind: "write";
      readonly mode: "100644" | "100755" | "120000";
      readonly data: Uint8Array;
    };

/** All that leaves an agent's sandbox: untrusted, bounded data, sorted by path, each path once. */
export type Patch = { readonly baseSha: string; readonly changes: readonly FileChange[] };

/** Bounds of a patch: far above what people review, far below what hurts. */
export const PATCH_LIMITS = { files: 500, fileBytes: 4 << 20, bytes: 16 << 20 } as const;

/** The order of a patch's changes: by UTF-16 code unit, the same on every machine. */
export function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  if (a.path === b.path) return 0;
  return a.path < b.path ? -1 : 1;
}
