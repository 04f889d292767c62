import { Failure } from "../../../errors.ts";
import type { TreeEntry } from "../../patch.ts";
import { escapePath } from "../../patch-path.ts";
import { decodeUtf8 } from "../../utf8.ts";
import { at, limited, type MirrorPlace, requireSha } from "./call.ts";
import { runGit, streamGit } from "./plumbing.ts";

const MAX_DIFF_BYTES = 64 << 20;
const LISTED = /^(100644|100755|120000|160000|100664) (?:blob|commit) ([0-9a-f]{40}) +(\d+|-)\t/;

export type TreeLimits = { readonly files: number; readonly bytes: number };

export async function listTree(
  place: MirrorPlace,
  sha: string,
  limits: TreeLimits,
): Promise<readonly TreeEntry[]> {
  const args = ["ls-tree", "-r", "-z", "-l", "--full-tree", requireSha(sha)];
  const entries: TreeEntry[] = [];
  let bytes = 0;
  // The byte limit is for a tree that refers to itself over and over: it has no end.
  const output = streamGit({ ...at(place), args, maxOutputBytes: limits.files * 1024 });
  const read = async () => {
    for await (const record of splitRecords(output)) {
      const entry = parseEntry(record);
      entries.push(entry);
      bytes += entry.bytes;
      if (entries.length > limits.files || bytes > limits.bytes) throw tooLarge(limits);
    }
    return entries;
  };
  return limited(read(), () => tooLarge(limits));
}

/** Records that end in NUL, as git's `-z` writes them. */
async function* splitRecords(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let rest = Buffer.alloc(0);
  for await (const chunk of chunks) {
    rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = rest.indexOf(0); end !== -1; end = rest.indexOf(0, start)) {
      yield rest.subarray(start, end);
      start = end + 1;
    }
    rest = rest.subarray(start);
  }
}

function parseEntry(record: Uint8Array): TreeEntry {
  const line = decodeUtf8(record);
  if (line === undefined) {
    const shown = escapePath(Buffer.from(record).toString("latin1").split("\t")[1] ?? "");
    const message = `The repository has a file name that is not UTF-8, shown as Latin-1: ${shown}. Rename the file.`;
    throw new Failure("invalid-request", "path-not-utf8", message);
  }
  const [head, mode, blob, bytes] = LISTED.exec(line) ?? [];
  if (head === undefined || mode === undefined || blob === undefined) {
    throw new Failure(
      "bug",
      "git-failed",
      `git ls-tree wrote an unknown line: ${escapePath(line)}`,
    );
  }
  const path = line.slice(head.length);
  const known = mode === "100755" || mode === "120000" || mode === "160000" ? mode : "100644";
  return { path, mode: known, blob, bytes: bytes === "-" ? 0 : Number(bytes) };
}

export async function readPath(
  place: MirrorPlace,
  sha: string,
  path: string,
  maxBytes: number,
): Promise<Uint8Array | undefined> {
  const args = ["ls-tree", "-z", "-l", "--full-tree", requireSha(sha), "--", `:(literal)${path}`];
  const listed = await runGit({ ...at(place), args, maxOutputBytes: 1 << 16 });
  const line = decodeUtf8(listed)?.replace(/\0$/, "") ?? "";
  const [head, mode, blob, bytes] = LISTED.exec(line) ?? [];
  const isFile = mode?.startsWith("100") === true && line.slice(head?.length) === path;
  if (!isFile || blob === undefined) return undefined;
  if (Number(bytes) > maxBytes) throw fileTooLarge(path, maxBytes);
  return readBlob(place, blob, maxBytes);
}

export function readBlob(place: MirrorPlace, blob: string, maxBytes: number): Promise<Uint8Array> {
  const args = ["cat-file", "blob", requireSha(blob)];
  const work = runGit({ ...at(place), args, maxOutputBytes: maxBytes });
  return limited(work, () => fileTooLarge(blob, maxBytes));
}

function fileTooLarge(path: string, maxBytes: number): Failure {
  const message = `${escapePath(path)} is larger than ${maxBytes} bytes. Make the file smaller.`;
  return new Failure("invalid-request", "file-too-large", message);
}

/** Only the commit itself: its parents are declared absent, as in a clone of depth 1. */
export function packCommit(
  place: MirrorPlace,
  sha: string,
  maxBytes: number,
  signal: AbortSignal | undefined,
): AsyncIterable<Uint8Array> {
  const args = ["pack-objects", "--revs", "--shallow", "--stdout", "--quiet", "--threads=2"];
  return streamGit({
    ...at(place),
    args: [...args, "--delta-base-offset"],
    stdin: `--shallow ${requireSha(sha)}\n${sha}\n`,
    maxOutputBytes: maxBytes,
    ...(signal === undefined ? {} : { signal }),
  });
}

/** A commit's parents, which the mirror need not hold. */
export async function parentsOf(place: MirrorPlace, sha: string): Promise<readonly string[]> {
  const args = ["cat-file", "commit", requireSha(sha)];
  const commit = Buffer.from(await runGit({ ...at(place), args, maxOutputBytes: 1 << 20 }));
  const header = commit.toString("latin1").split("\n\n", 1)[0] ?? "";
  return [...header.matchAll(/^parent ([0-9a-f]{40})$/gm)].map((match) => match[1] ?? "");
}

export async function diffCommits(
  place: MirrorPlace,
  baseSha: string,
  headSha: string,
): Promise<Uint8Array> {
  const args = ["diff-tree", "-p", "-r", "--binary", "--full-index", "--no-renames", "--no-color"];
  const safe = ["--no-ext-diff", "--no-textconv", "--src-prefix=a/", "--dst-prefix=b/"];
  const trees = [requireSha(baseSha), requireSha(headSha)];
  const work = runGit({
    ...at(place),
    args: [...args, ...safe, ...trees],
    maxOutputBytes: MAX_DIFF_BYTES,
  });
  return limited(work, () => {
    const message = `The diff is larger than ${MAX_DIFF_BYTES >> 20} MiB. Ask for a smaller change.`;
    return new Failure("limit-reached", "diff-too-large", message);
  });
}

function tooLarge(limits: TreeLimits): Failure {
  const mebibytes = Math.round(limits.bytes / 2 ** 20);
  return new Failure(
    "limit-reached",
    "repository-too-large",
    `The repository has more than ${limits.files} files or ${mebibytes} MiB. Ask the operator to raise the limit.`,
  );
}
