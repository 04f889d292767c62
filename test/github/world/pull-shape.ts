import { accountShape, association } from "./accounts.ts";
import { mergeBase, totals } from "./diff.ts";
import { git, gitText, resolveRevision } from "./git.ts";
import { labelShape } from "./label-shape.ts";
import { repositoryShape } from "./repository-shape.ts";
import type { Pull, PullIssue, Repository, World } from "./world.ts";
import { apiUrl, nodeId, pageUrl } from "./world.ts";

/** GitHub's `pull-request-simple`: all that lists show, without what must be asked of git. */
export function pullSummaryShape(world: World, repository: Repository, issue: PullIssue) {
  const { pull } = issue;
  return {
    ...links(world, repository, issue),
    id: pull.id,
    node_id: nodeId("PullRequest", pull.id),
    number: issue.number,
    state: issue.state,
    locked: false,
    active_lock_reason: null,
    title: issue.title,
    user: accountShape(world, issue.author),
    body: issue.body,
    labels: issue.labels.map((name) => labelShape(world, repository, name)),
    milestone: null,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: issue.closedAt,
    merged_at: null,
    merge_commit_sha: null,
    head: end(world, pull.fork ?? repository, pull.headBranch, pull.headSha),
    base: end(world, repository, pull.baseBranch, pull.baseSha),
    author_association: association(repository, issue.author),
    auto_merge: null,
    draft: pull.draft,
  };
}

function end(world: World, repository: Repository, ref: string, sha: string) {
  return {
    label: `${repository.owner.login}:${ref}`,
    ref,
    sha,
    user: accountShape(world, repository.owner),
    repo: repositoryShape(world, repository),
  };
}

function links(world: World, repository: Repository, issue: PullIssue) {
  const api = apiUrl(world, repository);
  const url = `${api}/pulls/${issue.number}`;
  const page = `${pageUrl(world, repository)}/pull/${issue.number}`;
  const related = {
    html: page,
    issue: `${api}/issues/${issue.number}`,
    comments: `${api}/issues/${issue.number}/comments`,
    review_comments: `${url}/comments`,
    review_comment: `${api}/pulls/comments{/number}`,
    commits: `${url}/commits`,
    statuses: `${api}/statuses/${issue.pull.headSha}`,
  };
  return {
    url,
    html_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    issue_url: related.issue,
    commits_url: related.commits,
    review_comments_url: related.review_comments,
    review_comment_url: related.review_comment,
    comments_url: related.comments,
    statuses_url: related.statuses,
    _links: Object.fromEntries(
      Object.entries({ self: url, ...related }).map(([name, href]) => [name, { href }]),
    ),
  };
}

export function branchHead(repository: Repository, branch: string): Promise<string | undefined> {
  return resolveRevision(repository.folder, `refs/heads/${branch}^{commit}`);
}

/** The commits that a pull request compares: where the head left the base, and the head. */
export async function pullRange(repository: Repository, pull: Pull) {
  const baseSha = (await branchHead(repository, pull.baseBranch)) ?? pull.baseSha;
  const from = (await mergeBase(repository.folder, baseSha, pull.headSha)) ?? baseSha;
  return { from, to: pull.headSha, baseSha };
}

/** GitHub's `pull-request`, its numbers and mergeability asked of git. */
export async function pullShape(world: World, repository: Repository, issue: PullIssue) {
  const { pull } = issue;
  const { folder } = repository;
  const range = await pullRange(repository, pull);
  const sum = await totals(folder, range.from, range.to);
  const commits = Number(
    await gitText(folder, ["rev-list", "--count", `${range.from}..${range.to}`]),
  );
  const mergeable = await mergesCleanly(folder, range.baseSha, range.to);
  const comments = [...repository.comments.values()];
  return {
    ...pullSummaryShape(world, repository, issue),
    merged: false,
    mergeable,
    rebaseable: mergeable,
    mergeable_state: mergeable ? (pull.draft ? "draft" : "clean") : "dirty",
    merged_by: null,
    comments: comments.filter((comment) => comment.issueNumber === issue.number).length,
    review_comments: 0,
    maintainer_can_modify: false,
    commits,
    additions: sum.additions,
    deletions: sum.deletions,
    changed_files: sum.files,
  };
}

function mergesCleanly(folder: string, base: string, head: string): Promise<boolean> {
  return git(folder, ["merge-tree", "--write-tree", base, head]).then(
    () => true,
    () => false,
  );
}
