import { accountShape, organizationShape } from "./accounts.ts";
import { repositoryShape } from "./repository-shape.ts";
import type { Account, Repository, World } from "./world.ts";
import { nodeId } from "./world.ts";

/** Tells the app what happened, when it is installed there and subscribed to the event. */
export function emit(
  world: World,
  repository: Repository,
  sender: Account,
  event: string,
  payload: Readonly<Record<string, unknown>>,
): void {
  const { installation } = repository;
  if (!installation || !world.app.events.includes(event)) return;
  const organization =
    repository.owner.type === "Organization"
      ? { organization: organizationShape(world, repository.owner) }
      : {};
  const whole = {
    ...payload,
    repository: repositoryShape(world, repository),
    ...organization,
    sender: accountShape(world, sender),
    installation: { id: installation.id, node_id: nodeId("Installation", installation.id) },
  };
  world.checkEvent(event, whole);
  void world.webhooks.deliver({ event, payload: whole });
}
