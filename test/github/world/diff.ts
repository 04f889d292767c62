import { git, gitText } from "./git.ts";
import type { Repository, World } from "./world.ts";
import { apiUrl, pageUrl } from "./world.ts";

const STATUS: Readonly<Record<string, string>> = {
  A: "added",
  C: "copied",
  D: "removed",
  M: "modified",
  R: "renamed",
  T: "changed",
};

/** Git's id of the tree without files, to compare a first commit with. */
const EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

const DIFF = ["diff", "--no-color", "--no-ext-diff", "--find-renames", "--full-index"];

/** The commit that `head` left `base` at; undefined when their histories are unrelated. */
export async function mergeBase(folder: string, base: string, head: string) {
  return gitText(folder, ["merge-base", base, head]).catch(() => undefined);
}

/** The unified diff as GitHub's diff media type gives it. */
export function diffText(folder: string, from: string, to: string): Promise<Buffer> {
  return git(folder, [...DIFF, from, to]);
}

export function patchText(folder: string, from: string, to: string): Promise<Buffer> {
  return git(folder, ["format-patch", "--stdout", "--no-signature", `${from}..${to}`]);
}

type Totals = { files: number; additions: number; deletions: number };

export async function totals(folder: string, from: string, to: string): Promise<Totals> {
  const sum: Totals = { files: 0, additions: 0, deletions: 0 };
  const out = await gitText(folder, [...DIFF, "--numstat", from, to]);
  for (const line of out.split("\n").filter(Boolean)) {
    const [added, deleted] = line.split("\t");
    sum.files += 1;
    sum.additions += Number(added) || 0; // a dash stands for a binary file
    sum.deletions += Number(deleted) || 0;
  }
  return sum;
}

/** GitHub's `diff-entry` for each file that differs, in git's order. */
export async function changedFiles(
  world: World,
  repository: Repository,
  from: string | undefined,
  to: string,
) {
  const range = [from ?? EMPTY_TREE, to];
  const { folder } = repository;
  const [list, text] = await Promise.all([
    git(folder, [...DIFF, "--raw", "--numstat", "--no-abbrev", "-z", ...range]),
    git(folder, [...DIFF, ...range]),
  ]);
  const patches = splitPatches(text.toString("utf8"));
  return readRecords(list.toString("utf8")).map((record, index) => {
    const path = record.path.split("/").map(encodeURIComponent).join("/");
    const patch = patches[index];
    return {
      sha: record.blob,
      filename: record.path,
      status: STATUS[record.status] ?? "changed",
      additions: record.additions,
      deletions: record.deletions,
      changes: record.additions + record.deletions,
      blob_url: `${pageUrl(world, repository)}/blob/${to}/${path}`,
      raw_url: `${pageUrl(world, repository)}/raw/${to}/${path}`,
      contents_url: `${apiUrl(world, repository)}/contents/${path}?ref=${to}`,
      ...(patch ? { patch } : {}),
      ...(record.previous ? { previous_filename: record.previous } : {}),
    };
  });
}

type FileRecord = {
  readonly status: string;
  readonly blob: string;
  readonly path: string;
  readonly previous: string | undefined;
  additions: number;
  deletions: number;
};

/** Reads `--raw --numstat -z`: all raw records, then all counts in the same order. */
function readRecords(output: string): FileRecord[] {
  const fields = output.split("\0");
  const next = () => fields.shift() ?? "";
  const records: FileRecord[] = [];
  while (fields[0]?.startsWith(":")) records.push(readRaw(next));
  for (const record of records) {
    const [added, deleted] = next().split("\t");
    record.additions = Number(added) || 0;
    record.deletions = Number(deleted) || 0;
    if (record.previous !== undefined) fields.splice(0, 2); // both names of a rename follow
  }
  return records;
}

/** `:MODE MODE ID ID STATUS`, then a path, or two for a rename. */
function readRaw(next: () => string): FileRecord {
  const [, , before = "", after = "", change = ""] = next().split(" ");
  const status = change.slice(0, 1);
  const previous = status === "R" || status === "C" ? next() : undefined;
  const blob = status === "D" ? before : after;
  return { status, blob, path: next(), previous, additions: 0, deletions: 0 };
}

/** One entry a file, from its first hunk on; undefined for a binary file or a pure rename. */
function splitPatches(text: string): (string | undefined)[] {
  const parts: string[] = text === "" ? [] : text.split(/^(?=diff --git )/m);
  const files: string[] = [];
  for (const part of parts) {
    const head = part.slice(0, part.indexOf("\n"));
    const last = files.at(-1);
    // A file that became a link is a deletion and a creation with the same head.
    if (last?.startsWith(`${head}\n`)) files[files.length - 1] = last + part;
    else files.push(part);
  }
  return files.map((part) => /^@@ [\s\S]*/m.exec(part)?.[0].trimEnd());
}
