import type { Command, StartCommand } from "../command/command.ts";
import type { Workflow } from "../engine/engine.ts";
import { Failure } from "../errors.ts";
import type { RunRequest } from "./run.ts";
import type { RunStore } from "./store.ts";

export type DispatchPorts = {
  readonly store: RunStore;
  readonly runs: Workflow<RunRequest>;
  readonly maxOpenPerRepository: number;
  sha256(text: string): string;
};

/**
 * Turns what a person asked for into a run, a steer or a stop. The same command twice has one effect: a run's id comes
 * from the command's meaning. Throws a Failure for the person when nothing can be done.
 */
export async function dispatch(ports: DispatchPorts, command: Command): Promise<void> {
  const { store, sha256 } = ports;
  const open = await store.open(command.repository.id, command.issueNumber);
  if (command.kind === "stop") {
    if (open !== undefined) return store.requestStop(open.request.id, command.requestedBy);
    throw new Failure(
      "invalid-request",
      "no-run",
      "No run is under way on this issue, so there is nothing to stop.",
    );
  }
  const request = requestOf(command, sha256);
  if (open === undefined || open.request.id === request.id) return start(ports, request);
  if (command.instruction === undefined) return;
  await store.addSteer(
    open.request.id,
    command.meaningKey,
    command.requestedBy,
    command.instruction,
  );
}

function requestOf(command: StartCommand, sha256: (text: string) => string): RunRequest {
  const { kind: _kind, meaningKey, ...asked } = command;
  return { id: sha256(meaningKey).replace("sha256:", "").slice(0, 12), ...asked };
}

async function start(ports: DispatchPorts, request: RunRequest): Promise<void> {
  const { store, runs, maxOpenPerRepository } = ports;
  const created = await store.create(request, { maxOpenPerRepository });
  if (created === "full") {
    throw new Failure(
      "limit-reached",
      "queue-full",
      `This repository has ${maxOpenPerRepository} runs waiting or working, which is the limit. Put the label on again when one has ended.`,
    );
  }
  // Another command was faster: its run takes this issue.
  if (created === "busy") return;
  await runs.enqueue(request, {
    id: `run:${request.id}`,
    partition: String(request.repository.id),
  });
}
