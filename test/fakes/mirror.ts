import type { CommitRequest, GitRemote, Mirror } from "../../src/workspace/mirror.ts";
import type { TreeEntry } from "../../src/workspace/patch.ts";

export const BASE_SHA = "b".repeat(40);
export const HEAD_SHA = "c".repeat(40);

export type FakeMirror = Mirror & {
  /** Text of the base commit's files by path. */
  readonly files: Map<string, string>;
  readonly commits: CommitRequest[];
  readonly pushed: { readonly remote: GitRemote; readonly sha: string; readonly branch: string }[];
  /** What `diff` gives, whatever is compared. */
  difference: string;
};

/** A mirror that knows one base commit and gives every change the same head. */
export function fakeMirror(): FakeMirror {
  const files = new Map<string, string>();
  const bytes = (text: string) => new TextEncoder().encode(text);
  const mirror: FakeMirror = {
    files,
    commits: [],
    pushed: [],
    difference: "diff --git a/lib/a.js b/lib/a.js\n",
    fetch: async () => BASE_SHA,
    list: async () =>
      [...files].map(
        ([path, text]): TreeEntry => ({
          path,
          mode: "100644",
          blob: "d".repeat(40),
          bytes: text.length,
        }),
      ),
    readFile: async (_sha, path) => {
      const text = files.get(path);
      return text === undefined ? undefined : bytes(text);
    },
    readBlob: async (blob) => bytes(files.get(blob) ?? ""),
    pack: async function* () {},
    async commit(request) {
      mirror.commits.push(request);
      return HEAD_SHA;
    },
    diff: async () => bytes(mirror.difference),
    push: async (remote, sha, branch) => void mirror.pushed.push({ remote, sha, branch }),
  };
  return mirror;
}
