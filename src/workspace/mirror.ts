import type { FileChange, TreeEntry } from "./patch.ts";

/** Where git fetches from or pushes to. `authorization` is a whole header value; it stays out of argv, URL and files. */
export type GitRemote = { readonly url: string; readonly authorization?: string };

/** One line each, no control characters, no `<` or `>`. */
export type CommitIdentity = { readonly name: string; readonly email: string };

export type CommitRequest = {
  readonly parentSha: string;
  readonly changes: readonly FileChange[];
  readonly author: CommitIdentity;
  readonly committer: CommitIdentity;
  readonly message: string;
  readonly dateMs: number;
};

/** Ends the git processes under way; the mirror stays as it was. */
export type MirrorOptions = { readonly signal?: AbortSignal };

/**
 * One repository's objects on the host, written by the host only. Commits are named by their full sha. Safe for any
 * number of callers and processes at once, and after a kill at any point.
 */
export interface Mirror {
  /**
   * The commit that `ref` (a branch's name, `HEAD`, a full ref or a commit's sha) stands for, with its tree and no
   * history. Throws
   * `invalid-request/empty-repository`, `invalid-request/ref-not-found`, `invalid-request/repository-unsafe`,
   * `limit-reached/repository-too-large`, `not-permitted/git-credentials-rejected` and `unavailable/git-unreachable`.
   */
  fetch(remote: GitRemote, ref: string, options?: MirrorOptions): Promise<string>;
  /** Every file, in git's order. Throws `limit-reached/repository-too-large` and `invalid-request/path-not-utf8`. */
  list(sha: string): Promise<readonly TreeEntry[]>;
  /** A regular file's content, undefined when there is none; `invalid-request/file-too-large` above `maxBytes`. */
  readFile(sha: string, path: string, maxBytes: number): Promise<Uint8Array | undefined>;
  /** What a listing calls `blob`. Throws `invalid-request/file-too-large` above `maxBytes`. */
  readBlob(blob: string, maxBytes: number): Promise<Uint8Array>;
  /** A pack of exactly this commit, its trees and its blobs. */
  pack(sha: string, options?: MirrorOptions): AsyncIterable<Uint8Array>;
  /** The sha of the commit; the same request always gives the same sha. Only `changes` differ from the parent. */
  commit(request: CommitRequest): Promise<string>;
  /** A unified diff that `git apply` takes, binary files included. Throws `limit-reached/diff-too-large`. */
  diff(baseSha: string, headSha: string): Promise<Uint8Array>;
  /**
   * Makes `branch` at `sha`, as one new ref and never by force; succeeds when it already stands there. Throws
   * `not-permitted/branch-exists` when it stands elsewhere and `not-permitted/push-refused` with the host's reason.
   */
  push(remote: GitRemote, sha: string, branch: string, options?: MirrorOptions): Promise<void>;
}

/** The mirrors of all repositories, by the code host's own id. */
export interface Mirrors {
  open(repository: { readonly id: number }): Promise<Mirror>;
}
