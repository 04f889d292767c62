import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../../../errors.ts";
import type { CommitIdentity, CommitRequest } from "../../mirror.ts";
import type { FileChange } from "../../patch.ts";
import { escapePath } from "../../patch-path.ts";
import { at, type MirrorPlace, requireSha } from "./call.ts";
import type { GitEnvironment } from "./environment.ts";
import { runGit } from "./plumbing.ts";
import { openScratch } from "./scratch.ts";

const MAX_OUTPUT_BYTES = 64 << 20;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const ODD_IN_NAME = /[\u0000-\u001f\u007f-\u009f\u2028\u2029<>]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const ODD_IN_MESSAGE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]/;

/** Builds the commit from objects alone, on an index of its own; no work tree is read or written. */
export async function writeCommit(place: MirrorPlace, request: CommitRequest): Promise<string> {
  const identity = identityEnv(request);
  const message = checkMessage(request.message);
  await using scratch = await openScratch(place.scratch);
  const env = { ...place.env, GIT_INDEX_FILE: join(scratch.folder, "index") };
  const git = async (args: readonly string[], stdin = "", more: GitEnvironment = {}) => {
    const call = { ...at(place), env: { ...env, ...more }, args, stdin };
    return Buffer.from(await runGit({ ...call, maxOutputBytes: MAX_OUTPUT_BYTES })).toString();
  };
  const parent = requireSha(request.parentSha);
  const blobs = await writeBlobs(join(scratch.folder, "blobs"), request.changes, git);
  await git(["read-tree", `${parent}^{tree}`]);
  await git(["update-index", "-z", "--index-info"], indexInfo(request.changes, blobs));
  requireStaged(await git(["ls-files", "-z", "--stage"]), request.changes, blobs);
  const tree = (await git(["write-tree"])).trim();
  requireNoOther(await git(["diff-tree", "-r", "-z", "--name-only", parent, tree]), request);
  return (await git(["commit-tree", "-p", parent, tree], message, identity)).trim();
}

type Git = (args: readonly string[], stdin?: string, env?: GitEnvironment) => Promise<string>;

/** Shas of the written contents by path. Git reads them from files with names of ours, as they are. */
async function writeBlobs(
  folder: string,
  changes: readonly FileChange[],
  git: Git,
): Promise<Map<string, string>> {
  const writes = changes.filter((change) => change.kind === "write");
  await mkdir(folder);
  await Promise.all(writes.map(({ data }, index) => writeFile(join(folder, `${index}`), data)));
  const files = writes.map((_, index) => `${join(folder, `${index}`)}\n`).join("");
  const shas = await git(["hash-object", "-w", "--no-filters", "--stdin-paths"], files);
  const lines = shas.split("\n");
  return new Map(writes.map(({ path }, index) => [path, lines[index] ?? ""]));
}

/** Deletions first, so that a file can take the place of a folder and the other way round. */
function indexInfo(changes: readonly FileChange[], blobs: ReadonlyMap<string, string>): string {
  const deletes = changes.filter(({ kind }) => kind === "delete");
  const writes = changes.filter((change) => change.kind === "write");
  return [
    ...deletes.map(({ path }) => `0 ${"0".repeat(40)}\t${path}\0`),
    ...writes.map(({ path, mode }) => `${mode} ${blobs.get(path)}\t${path}\0`),
  ].join("");
}

/** `update-index` leaves out a path that git refuses, and says so only on standard error. */
function requireStaged(
  staged: string,
  changes: readonly FileChange[],
  blobs: ReadonlyMap<string, string>,
): void {
  const entries = new Set(staged.split("\0"));
  for (const change of changes) {
    if (change.kind === "delete") continue;
    const { mode, path } = change;
    if (entries.has(`${mode} ${blobs.get(path)} 0\t${path}`)) continue;
    const message = `Git refuses ${escapePath(path)} or another change stands in its way. Rename or remove it.`;
    throw new Failure("invalid-request", "path-refused", message);
  }
}

/** A file that takes the place of a folder would silently remove what is in it. */
function requireNoOther(nameOnly: string, { changes }: CommitRequest): void {
  const paths = new Set(changes.map(({ path }) => path));
  const other = nameOnly.split("\0").find((path) => path !== "" && !paths.has(path));
  if (other === undefined) return;
  const message = `The patch would also change ${escapePath(other)}, which it doesn't name.`;
  throw new Failure("invalid-request", "patch-conflict", message);
}

function identityEnv({ author, committer, dateMs }: CommitRequest): GitEnvironment {
  const date = `@${Math.floor(dateMs / 1000)} +0000`;
  for (const one of [author, committer]) checkIdentity(one);
  return {
    GIT_AUTHOR_NAME: author.name,
    GIT_AUTHOR_EMAIL: author.email,
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: committer.name,
    GIT_COMMITTER_EMAIL: committer.email,
    GIT_COMMITTER_DATE: date,
  };
}

function checkIdentity({ name, email }: CommitIdentity): void {
  const visible = /[\p{L}\p{N}]/u;
  if (![name, email].some((text) => ODD_IN_NAME.test(text) || !visible.test(text))) return;
  const message =
    "A commit's author and committer must be single lines without control characters, `<` or `>`.";
  throw new Failure("invalid-request", "commit-identity", message);
}

function checkMessage(message: string): string {
  if (message.trim() !== "" && !ODD_IN_MESSAGE.test(message)) return `${message.trimEnd()}\n`;
  const reason = "A commit's message must have text and no control characters but tab and newline.";
  throw new Failure("invalid-request", "commit-message", reason);
}
