import { checkLengths, invalid } from "../http/refusal.ts";
import { mergeBase } from "./diff.ts";
import { git } from "./git.ts";
import { tellIssue } from "./issue-events.ts";
import { addIssue } from "./issues.ts";
import { branchHead } from "./pull-shape.ts";
import type { Account, Pull, PullIssue, Repository, World } from "./world.ts";
import { isPull, timestamp } from "./world.ts";

export type NewPull = {
  readonly title: string;
  readonly body?: string | null;
  /** A branch, or `owner:branch` of the same repository. */
  readonly head: string;
  readonly base: string;
  readonly draft?: boolean;
};

/**
 * A pull request whose branch counts as one of the author's fork. Its commits have to be in this repository, as GitHub
 * keeps those of forks.
 */
export function openPullOfFork(
  world: World,
  repository: Repository,
  author: Account,
  input: NewPull,
): Promise<PullIssue> {
  const fork = { ...repository, id: world.nextId(), owner: author };
  return openPull(world, repository, author, input, fork);
}

/** Opens a pull request; throws GitHub's 422 for a missing branch, nothing to merge and a second one. */
export async function openPull(
  world: World,
  repository: Repository,
  author: Account,
  input: NewPull,
  fork?: Repository,
): Promise<PullIssue> {
  checkLengths("PullRequest", input.body, input.title);
  const headBranch = branchName(repository, input.head);
  const headSha = headBranch && (await branchHead(repository, headBranch));
  if (!headBranch || !headSha) throw invalid("PullRequest", "head", "invalid");
  const baseSha = await branchHead(repository, input.base);
  if (!baseSha) throw invalid("PullRequest", "base", "invalid");
  await refuseEmpty(repository, input, headBranch, baseSha, headSha);
  refuseSecond(repository, headBranch, input.base);
  const draft = input.draft ?? false;
  const id = world.nextId();
  const pull: Pull = {
    id,
    headBranch,
    draft,
    baseBranch: input.base,
    headSha,
    baseSha,
    ...(fork && { fork }),
  };
  const issue = addIssue(world, repository, author, input, pull);
  await git(repository.folder, ["update-ref", `refs/pull/${issue.number}/head`, headSha]);
  await tellIssue(world, repository, author, issue, { action: "opened" });
  return issue;
}

function branchName(repository: Repository, head: string): string | undefined {
  const colon = head.indexOf(":");
  if (colon < 0) return head;
  const owner = head.slice(0, colon).toLowerCase();
  return owner === repository.owner.login.toLowerCase() ? head.slice(colon + 1) : undefined;
}

async function refuseEmpty(
  repository: Repository,
  input: NewPull,
  headBranch: string,
  baseSha: string,
  headSha: string,
): Promise<void> {
  const from = await mergeBase(repository.folder, baseSha, headSha);
  if (!from) {
    const message = `The ${headBranch} branch has no history in common with ${input.base}`;
    throw invalid("PullRequest", undefined, "custom", message);
  }
  if (from !== headSha) return;
  const message = `No commits between ${input.base} and ${headBranch}`;
  throw invalid("PullRequest", undefined, "custom", message);
}

function refuseSecond(repository: Repository, headBranch: string, baseBranch: string): void {
  const open = [...repository.issues.values()].some(
    (issue) =>
      issue.state === "open" &&
      issue.pull?.headBranch === headBranch &&
      issue.pull.baseBranch === baseBranch,
  );
  if (!open) return;
  const head = `${repository.owner.login}:${headBranch}`;
  const message = `A pull request already exists for ${head}.`;
  throw invalid("PullRequest", undefined, "custom", message);
}

/** Lets the open pull requests of a pushed branch follow it, each with its event. */
export async function synchronize(
  world: World,
  repository: Repository,
  by: Account,
  branch: string,
  after: string,
): Promise<void> {
  const followers = [...repository.issues.values()].filter(
    (issue) => issue.state === "open" && issue.pull?.headBranch === branch && !issue.pull.fork,
  );
  for (const issue of followers.filter(isPull)) {
    const before = issue.pull.headSha;
    issue.pull.headSha = after;
    issue.pull.baseSha =
      (await branchHead(repository, issue.pull.baseBranch)) ?? issue.pull.baseSha;
    issue.updatedAt = timestamp();
    await git(repository.folder, ["update-ref", `refs/pull/${issue.number}/head`, after]);
    await tellIssue(world, repository, by, issue, { action: "synchronize", before, after });
  }
}
