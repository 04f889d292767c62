import { checkLengths, invalid } from "../http/refusal.ts";
import { accountShape, association } from "./accounts.ts";
import { viaApp } from "./app-shape.ts";
import { emit } from "./events.ts";
import { issueShape } from "./issue-shape.ts";
import { reactionCounts } from "./reactions.ts";
import type { Account, Comment, Issue, Repository, World } from "./world.ts";
import { apiUrl, nodeId, pageUrl, timestamp } from "./world.ts";

export function addComment(
  world: World,
  repository: Repository,
  author: Account,
  issue: Issue,
  body: string,
): Comment {
  checkBody(body);
  const now = timestamp();
  const comment: Comment = {
    id: world.nextId(),
    issueNumber: issue.number,
    author,
    createdAt: now,
    reactions: [],
    body,
    updatedAt: now,
  };
  repository.comments.set(comment.id, comment);
  issue.updatedAt = now;
  tell(world, repository, author, issue, comment, { action: "created" });
  return comment;
}

export function editComment(
  world: World,
  repository: Repository,
  by: Account,
  comment: Comment,
  body: string,
): void {
  checkBody(body);
  const changes = { body: { from: comment.body } };
  comment.body = body;
  comment.updatedAt = timestamp();
  const issue = issueOf(repository, comment);
  tell(world, repository, by, issue, comment, { action: "edited", changes });
}

export function deleteComment(
  world: World,
  repository: Repository,
  by: Account,
  comment: Comment,
): void {
  repository.comments.delete(comment.id);
  tell(world, repository, by, issueOf(repository, comment), comment, { action: "deleted" });
}

/** Oldest first. */
export function commentsOf(repository: Repository, issueNumber: number): readonly Comment[] {
  return [...repository.comments.values()].filter((one) => one.issueNumber === issueNumber);
}

function checkBody(body: string): void {
  if (body.trim() === "") throw invalid("IssueComment", "body", "missing_field");
  checkLengths("IssueComment", body);
}

function issueOf(repository: Repository, comment: Comment): Issue {
  const issue = repository.issues.get(comment.issueNumber);
  if (!issue) throw new Error(`Comment ${comment.id} belongs to no issue.`);
  return issue;
}

function tell(
  world: World,
  repository: Repository,
  by: Account,
  issue: Issue,
  comment: Comment,
  payload: Readonly<Record<string, unknown>>,
): void {
  emit(world, repository, by, "issue_comment", {
    ...payload,
    issue: issueShape(world, repository, issue),
    comment: commentShape(world, repository, comment),
  });
}

/** GitHub's `issue-comment`. */
export function commentShape(world: World, repository: Repository, comment: Comment) {
  const api = apiUrl(world, repository);
  const url = `${api}/issues/comments/${comment.id}`;
  const kind = repository.issues.get(comment.issueNumber)?.pull ? "pull" : "issues";
  const page = `${pageUrl(world, repository)}/${kind}/${comment.issueNumber}`;
  return {
    url,
    html_url: `${page}#issuecomment-${comment.id}`,
    issue_url: `${api}/issues/${comment.issueNumber}`,
    id: comment.id,
    node_id: nodeId("IssueComment", comment.id),
    user: accountShape(world, comment.author),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    author_association: association(repository, comment.author),
    body: comment.body,
    reactions: reactionCounts(`${url}/reactions`, comment.reactions),
    performed_via_github_app: viaApp(world, comment.author),
  };
}
