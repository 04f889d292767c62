import { accountShape, association } from "./accounts.ts";
import { viaApp } from "./app-shape.ts";
import { labelShape } from "./label-shape.ts";
import { reactionCounts } from "./reactions.ts";
import type { Issue, Repository, World } from "./world.ts";
import { apiUrl, nodeId, pageUrl } from "./world.ts";

/** GitHub's `issue`. */
export function issueShape(world: World, repository: Repository, issue: Issue) {
  const api = `${apiUrl(world, repository)}/issues/${issue.number}`;
  const kind = issue.pull ? "pull" : "issues";
  const comments = [...repository.comments.values()];
  return {
    url: api,
    repository_url: apiUrl(world, repository),
    labels_url: `${api}/labels{/name}`,
    comments_url: `${api}/comments`,
    events_url: `${api}/events`,
    timeline_url: `${api}/timeline`,
    html_url: `${pageUrl(world, repository)}/${kind}/${issue.number}`,
    id: issue.id,
    node_id: nodeId("Issue", issue.id),
    number: issue.number,
    title: issue.title,
    user: accountShape(world, issue.author),
    labels: issue.labels.map((name) => labelShape(world, repository, name)),
    state: issue.state,
    state_reason: issue.stateReason,
    locked: false,
    active_lock_reason: null,
    assignee: null,
    assignees: [],
    milestone: null,
    comments: comments.filter((comment) => comment.issueNumber === issue.number).length,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: issue.closedAt,
    author_association: association(repository, issue.author),
    body: issue.body,
    reactions: reactionCounts(`${api}/reactions`, issue.reactions),
    performed_via_github_app: viaApp(world, issue.author),
    ...(issue.pull
      ? { draft: issue.pull.draft, pull_request: pullLinks(world, repository, issue) }
      : {}),
  };
}

function pullLinks(world: World, repository: Repository, issue: Issue) {
  const page = `${pageUrl(world, repository)}/pull/${issue.number}`;
  return {
    url: `${apiUrl(world, repository)}/pulls/${issue.number}`,
    html_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    merged_at: null,
  };
}
