/** A file of a commit's tree. */
export type TreeEntry = {
  readonly path: string;
  readonly mode: "100644" | "100755" | "120000" | "160000";
  readonly blob: string;
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
