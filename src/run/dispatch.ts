import type { AcceptCommand, Command, StartCommand, VerifyCommand } from "../command/command.ts";
import type { Workflow } from "../engine/engine.ts";
import { Failure } from "../errors.ts";
import type { RunRequest } from "./run.ts";
import type { RunStore } from "./store.ts";

export type DispatchPorts = {
  readonly store: RunStore;
  readonly runs: Workflow<RunRequest>;
  readonly maxOpenPerRepository: number;
  /** Done at once: it needs no sandbox. */
  accept(command: AcceptCommand): Promise<void>;
  sha256(text: string): string;
};

/**
 * Turns what a person asked for into a run, a steer or a stop. The same command twice has one effect: a run's id comes
 * from the command's meaning. Throws a Failure for the person when nothing can be done.
 */
export async function dispatch(ports: DispatchPorts, command: Command): Promise<void> {
  if (command.kind === "accept") return ports.accept(command);
  const { store, sha256 } = ports;
  const open = await store.open(command.repository.id, command.issueNumber);
  if (command.kind === "stop") {
    if (open !== undefined) return store.requestStop(open.request.id, command.requestedBy);
    throw new Failure(
      "invalid-request",
      "no-run",
      "No run is under way here, so there is nothing to stop.",
    );
  }
  const request = requestOf(command, sha256);
  if (open === undefined || open.request.id === request.id) return start(ports, request);
  if (command.kind === "verify") throw isVerified(open.request);
  if (command.instruction === undefined) return;
  await store.addSteer(
    open.request.id,
    command.meaningKey,
    command.requestedBy,
    command.instruction,
  );
}

function isVerified({ pullRequest }: RunRequest): Failure {
  const commit = pullRequest === undefined ? "" : ` at \`${pullRequest.headSha.slice(0, 12)}\``;
  return new Failure(
    "invalid-request",
    "verifying-already",
    `This pull request is being verified${commit}. Ask again when that has ended, or stop it first.`,
  );
}

function requestOf(
  command: StartCommand | VerifyCommand,
  sha256: (text: string) => string,
): RunRequest {
  const id = sha256(command.meaningKey).replace("sha256:", "").slice(0, 12);
  if (command.kind === "start") {
    const { kind: _kind, meaningKey: _key, ...asked } = command;
    return { id, ...asked };
  }
  const { repository, issueNumber, requestedBy, pullRequest } = command;
  const { url, title, headSha, baseBranch } = pullRequest;
  return {
    ...{ id, repository, issueNumber, issueUrl: url, title, body: "", requestedBy },
    ...{ comments: [], omittedComments: 0, pullRequest: { headSha, baseBranch } },
  };
}

async function start(ports: DispatchPorts, request: RunRequest): Promise<void> {
  const { store, runs, maxOpenPerRepository } = ports;
  const created = await store.create(request, { maxOpenPerRepository });
  if (created === "full") {
    throw new Failure(
      "limit-reached",
      "queue-full",
      `This repository has ${maxOpenPerRepository} runs waiting or working, which is the limit. ${request.pullRequest === undefined ? "Put the label on" : "Ask"} again when one has ended.`,
    );
  }
  // Another command was faster: its run takes this issue.
  if (created === "busy") return;
  await runs.enqueue(request, {
    id: `run:${request.id}`,
    partition: String(request.repository.id),
  });
}
