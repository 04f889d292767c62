import { accountShape } from "./accounts.ts";
import { changedFiles } from "./diff.ts";
import { git } from "./git.ts";
import type { Repository, World } from "./world.ts";
import { apiUrl, nodeId, pageUrl, timestamp } from "./world.ts";

type Signature = { readonly name: string; readonly email: string; readonly date: string };

type Commit = {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Signature;
  readonly committer: Signature;
  readonly message: string;
};

const FORMAT = ["%H", "%T", "%P", "%an", "%ae", "%at", "%cn", "%ce", "%ct", "%B"].join("%x00");

/** The commits that `git log` lists for these arguments. */
export async function readCommits(folder: string, args: readonly string[]): Promise<Commit[]> {
  const out = await git(folder, ["log", "-z", `--format=${FORMAT}%x00`, ...args, "--"]);
  const fields = out.toString("utf8").split("\0");
  const commits: Commit[] = [];
  // Each commit is ten fields, an end and the separator that -z adds.
  for (let at = 0; at + 9 < fields.length; at += 11)
    commits.push(toCommit(fields.slice(at, at + 10)));
  return commits;
}

export async function readCommit(folder: string, sha: string): Promise<Commit> {
  const [commit] = await readCommits(folder, ["--max-count=1", sha]);
  if (!commit) throw new Error(`There is no commit ${sha} in ${folder}.`);
  return commit;
}

function toCommit(fields: readonly string[]): Commit {
  const [sha = "", tree = "", parents = "", an = "", ae = "", at, cn = "", ce = "", ct, text = ""] =
    fields;
  return {
    sha,
    tree,
    parents: parents.split(" ").filter(Boolean),
    author: { name: an, email: ae, date: timestamp(Number(at) * 1000) },
    committer: { name: cn, email: ce, date: timestamp(Number(ct) * 1000) },
    message: text.replace(/\n$/, ""),
  };
}

const UNVERIFIED = {
  verified: false,
  reason: "unsigned",
  signature: null,
  payload: null,
  verified_at: null,
};

/** GitHub's `git-commit`. */
export function gitCommitShape(world: World, repository: Repository, commit: Commit) {
  const api = apiUrl(world, repository);
  const page = pageUrl(world, repository);
  return {
    sha: commit.sha,
    node_id: nodeId("Commit", commit.sha),
    url: `${api}/git/commits/${commit.sha}`,
    html_url: `${page}/commit/${commit.sha}`,
    author: commit.author,
    committer: commit.committer,
    tree: { sha: commit.tree, url: `${api}/git/trees/${commit.tree}` },
    message: commit.message,
    parents: commit.parents.map((sha) => ({
      sha,
      url: `${api}/git/commits/${sha}`,
      html_url: `${page}/commit/${sha}`,
    })),
    verification: UNVERIFIED,
  };
}

/** GitHub's `commit`, without its files and statistics. */
export function commitShape(world: World, repository: Repository, commit: Commit) {
  const api = apiUrl(world, repository);
  const page = pageUrl(world, repository);
  return {
    sha: commit.sha,
    node_id: nodeId("Commit", commit.sha),
    url: `${api}/commits/${commit.sha}`,
    html_url: `${page}/commit/${commit.sha}`,
    comments_url: `${api}/commits/${commit.sha}/comments`,
    commit: {
      url: `${api}/git/commits/${commit.sha}`,
      author: commit.author,
      committer: commit.committer,
      message: commit.message,
      tree: { sha: commit.tree, url: `${api}/git/trees/${commit.tree}` },
      comment_count: 0,
      verification: UNVERIFIED,
    },
    author: accountOf(world, commit.author),
    committer: accountOf(world, commit.committer),
    parents: commit.parents.map((sha) => ({
      sha,
      url: `${api}/commits/${sha}`,
      html_url: `${page}/commit/${sha}`,
    })),
  };
}

/** A commit with its files, against its first parent. */
export async function fullCommitShape(world: World, repository: Repository, commit: Commit) {
  const base = commit.parents[0];
  const files = await changedFiles(world, repository, base, commit.sha);
  const additions = files.reduce((sum, file) => sum + file.additions, 0);
  const deletions = files.reduce((sum, file) => sum + file.deletions, 0);
  return {
    ...commitShape(world, repository, commit),
    stats: { additions, deletions, total: additions + deletions },
    files,
  };
}

/** The short form that `push` events carry. */
export async function commitSummary(world: World, repository: Repository, commit: Commit) {
  const files = await pathsOf(repository.folder, commit.sha);
  return {
    id: commit.sha,
    tree_id: commit.tree,
    distinct: true,
    message: commit.message,
    timestamp: commit.committer.date,
    url: `${pageUrl(world, repository)}/commit/${commit.sha}`,
    author: { name: commit.author.name, email: commit.author.email },
    committer: { name: commit.committer.name, email: commit.committer.email },
    ...files,
  };
}

async function pathsOf(folder: string, sha: string) {
  const args = ["diff-tree", "-r", "--root", "--no-commit-id", "--name-status", "-z", sha];
  const fields = (await git(folder, args)).toString("utf8").split("\0");
  const paths = { added: [] as string[], removed: [] as string[], modified: [] as string[] };
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const kind = fields[at] === "A" ? "added" : fields[at] === "D" ? "removed" : "modified";
    paths[kind].push(fields[at + 1] ?? "");
  }
  return paths;
}

/** GitHub knows an author by its no-reply address. */
function accountOf(world: World, signature: Signature) {
  const login = /^(?:\d+\+)?(.+)@users\.noreply\.github\.com$/.exec(signature.email)?.[1];
  const known = login && world.accounts.get(login.toLowerCase());
  return known ? accountShape(world, known) : null;
}
