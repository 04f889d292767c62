import { checkLengths } from "../http/refusal.ts";
import { hasRole } from "./accounts.ts";
import { tellIssue } from "./issue-events.ts";
import { addLabels } from "./labels.ts";
import type { Account, Issue, Pull, Repository, World } from "./world.ts";
import { timestamp } from "./world.ts";

export type NewIssue = {
  readonly title: string;
  readonly body?: string | null;
  /** Left out, as on GitHub, when the author may not label. */
  readonly labels?: readonly string[];
};

export type IssueChange = {
  readonly title?: string;
  readonly body?: string | null;
  readonly state?: "open" | "closed";
  readonly stateReason?: string | null;
};

export async function openIssue(
  world: World,
  repository: Repository,
  author: Account,
  input: NewIssue,
): Promise<Issue> {
  checkLengths("Issue", input.body, input.title);
  const issue = addIssue(world, repository, author, input, undefined);
  await tellIssue(world, repository, author, issue, { action: "opened" });
  const mayLabel = author.type === "Bot" || hasRole(repository, author, "triage");
  if (mayLabel) await addLabels(world, repository, author, issue, input.labels ?? []);
  return issue;
}

/** Adds an issue, or with `pull` the issue half of a pull request, and tells nobody. */
export function addIssue<P extends Pull | undefined>(
  world: World,
  repository: Repository,
  author: Account,
  input: NewIssue,
  pull: P,
): Issue & { readonly pull: P } {
  const now = timestamp();
  const issue: Issue & { readonly pull: P } = {
    id: world.nextId(),
    number: repository.issues.size + 1,
    author,
    createdAt: now,
    reactions: [],
    labels: [],
    pull,
    title: input.title,
    body: input.body ?? null,
    state: "open",
    stateReason: null,
    updatedAt: now,
    closedAt: null,
  };
  repository.issues.set(issue.number, issue);
  return issue;
}

/** Changes an issue or a pull request's issue half, with an event for an edit and one for a new state. */
export async function changeIssue(
  world: World,
  repository: Repository,
  by: Account,
  issue: Issue,
  change: IssueChange,
): Promise<void> {
  checkLengths(issue.pull ? "PullRequest" : "Issue", change.body, change.title);
  const changes = edit(issue, change);
  if (Object.keys(changes).length > 0) {
    await tellIssue(world, repository, by, issue, { action: "edited", changes });
  }
  if (change.state === undefined || change.state === issue.state) return;
  issue.state = change.state;
  issue.stateReason = change.stateReason ?? (change.state === "closed" ? "completed" : "reopened");
  issue.updatedAt = timestamp();
  issue.closedAt = change.state === "closed" ? issue.updatedAt : null;
  const action = change.state === "closed" ? "closed" : "reopened";
  await tellIssue(world, repository, by, issue, { action });
}

function edit(issue: Issue, change: IssueChange): Record<string, { from: string }> {
  const changes: Record<string, { from: string }> = {};
  if (change.title !== undefined && change.title !== issue.title) {
    changes["title"] = { from: issue.title };
    issue.title = change.title;
  }
  if (change.body !== undefined && change.body !== issue.body) {
    changes["body"] = { from: issue.body ?? "" };
    issue.body = change.body;
  }
  if (Object.keys(changes).length > 0) issue.updatedAt = timestamp();
  return changes;
}
