import { accountShape } from "./accounts.ts";
import type { Account, Reaction, World } from "./world.ts";
import { nodeId, timestamp } from "./world.ts";

const CONTENTS = ["+1", "-1", "laugh", "confused", "heart", "hooray", "eyes", "rocket"];

/** Adds a reaction; `added` is false when that person had already reacted so. */
export function react(
  world: World,
  reactions: Reaction[],
  user: Account,
  content: string,
): { readonly reaction: Reaction; readonly added: boolean } {
  const known = reactions.find((one) => one.user.id === user.id && one.content === content);
  if (known) return { reaction: known, added: false };
  const reaction: Reaction = { id: world.nextId(), user, content, createdAt: timestamp() };
  reactions.push(reaction);
  return { reaction, added: true };
}

/** GitHub's `reaction`. */
export function reactionShape(world: World, reaction: Reaction) {
  return {
    id: reaction.id,
    node_id: nodeId("Reaction", reaction.id),
    user: accountShape(world, reaction.user),
    content: reaction.content,
    created_at: reaction.createdAt,
  };
}

/** GitHub's `reaction-rollup`. */
export function reactionCounts(url: string, reactions: readonly Reaction[]) {
  const count = (content: string) => reactions.filter((one) => one.content === content).length;
  const counts = Object.fromEntries(CONTENTS.map((content) => [content, count(content)]));
  return { url, total_count: reactions.length, ...counts };
}
