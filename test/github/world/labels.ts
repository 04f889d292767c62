import { tellIssue } from "./issue-events.ts";
import { ensureLabel, labelShape } from "./label-shape.ts";
import type { Account, Issue, Repository, World } from "./world.ts";
import { timestamp } from "./world.ts";

/** Puts labels on; one event for each that was not there. */
export async function addLabels(
  world: World,
  repository: Repository,
  by: Account,
  issue: Issue,
  names: readonly string[],
): Promise<void> {
  for (const name of names) {
    const label = ensureLabel(world, repository, name);
    if (issue.labels.includes(label.name)) continue;
    issue.labels.push(label.name);
    await tell(world, repository, by, issue, "labeled", label.name);
  }
}

/** Takes a label off; false when it was not there. */
export async function removeLabel(
  world: World,
  repository: Repository,
  by: Account,
  issue: Issue,
  name: string,
): Promise<boolean> {
  const at = issue.labels.findIndex((label) => label.toLowerCase() === name.toLowerCase());
  const [removed] = at < 0 ? [] : issue.labels.splice(at, 1);
  if (removed === undefined) return false;
  await tell(world, repository, by, issue, "unlabeled", removed);
  return true;
}

async function tell(
  world: World,
  repository: Repository,
  by: Account,
  issue: Issue,
  action: "labeled" | "unlabeled",
  name: string,
): Promise<void> {
  issue.updatedAt = timestamp();
  const label = labelShape(world, repository, name);
  await tellIssue(world, repository, by, issue, { action, label });
}
