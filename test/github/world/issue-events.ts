import { emit } from "./events.ts";
import { issueShape } from "./issue-shape.ts";
import { pullShape } from "./pull-shape.ts";
import type { Account, Issue, Repository, World } from "./world.ts";
import { isPull } from "./world.ts";

/** Emits an `issues` event, or a `pull_request` event when the issue is one. */
export async function tellIssue(
  world: World,
  repository: Repository,
  by: Account,
  issue: Issue,
  payload: Readonly<Record<string, unknown>>,
): Promise<void> {
  if (!isPull(issue)) {
    const shape = issueShape(world, repository, issue);
    return emit(world, repository, by, "issues", { ...payload, issue: shape });
  }
  const shape = await pullShape(world, repository, issue);
  emit(world, repository, by, "pull_request", {
    ...payload,
    number: issue.number,
    pull_request: shape,
  });
}
