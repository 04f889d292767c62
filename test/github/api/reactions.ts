import { type Answer, onRepository, page, type RepositoryCall, type Route } from "../http/route.ts";
import { react, reactionShape } from "../world/reactions.ts";
import type { Reaction } from "../world/world.ts";
import { commentIn, issueIn } from "./issues.ts";

const READ = ["issues:read", "pull_requests:read"];
const WRITE = ["issues:write", "pull_requests:write"];
const ISSUE = "/repos/{owner}/{repo}/issues/{issue_number}/reactions";
const COMMENT = "/repos/{owner}/{repo}/issues/comments/{comment_id}/reactions";

type NewReaction = { readonly content: string };

export const reactionRoutes: readonly Route[] = [
  onRepository(`GET ${ISSUE}`, { needs: READ, takes: ["content", "per_page", "page"] }, (call) =>
    list(call, issueIn(call).reactions),
  ),
  onRepository<NewReaction>(
    `POST ${ISSUE}`,
    { needs: WRITE, person: "read", takes: ["content"] },
    (call) => add(call, issueIn(call).reactions),
  ),
  onRepository(`GET ${COMMENT}`, { needs: READ, takes: ["content", "per_page", "page"] }, (call) =>
    list(call, commentIn(call).reactions),
  ),
  onRepository<NewReaction>(
    `POST ${COMMENT}`,
    { needs: WRITE, person: "read", takes: ["content"] },
    (call) => add(call, commentIn(call).reactions),
  ),
];

function add(call: RepositoryCall<NewReaction>, reactions: Reaction[]): Answer {
  const { reaction, added } = react(call.world, reactions, call.actor, call.body.content);
  return { status: added ? 201 : 200, body: reactionShape(call.world, reaction) };
}

function list(call: RepositoryCall, reactions: readonly Reaction[]): Promise<Answer> {
  const content = call.query.get("content");
  const found = reactions.filter((one) => content === null || one.content === content);
  return page(call, found, (reaction) => reactionShape(call.world, reaction));
}
