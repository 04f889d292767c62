import { STOPPING, type Steps } from "../engine/engine.ts";
import { toFailure } from "../errors.ts";
import { cloneRepository } from "./clone.ts";
import { Desk } from "./desk.ts";
import { explain } from "./explain.ts";
import { measureBaseline } from "./measure-baseline.ts";
import { type OpenRun, openRun, type RunPorts } from "./open-run.ts";
import { acknowledge, type Plan, prepare } from "./prepare.ts";
import { publish } from "./publish.ts";
import { resolveIssue } from "./resolve-issue.ts";
import type { RunRequest } from "./run.ts";
import { setUp } from "./set-up.ts";
import { verifyPullRequest } from "./verify-pull-request.ts";

/**
 * One run, from the request to what it asks for: a draft pull request, or the evidence for one of people's. Each line is a durable step or several: after a crash this
 * function starts again, finished steps give back what the journal holds, and the work goes on at the first one that
 * isn't finished. Whatever goes wrong ends in one comment that says what was kept and what to do next.
 */
export async function execute(ports: RunPorts, steps: Steps, request: RunRequest): Promise<void> {
  using run = await openRun(ports, steps, request).catch((error: unknown) =>
    neverOpened(ports, request, error),
  );
  try {
    await acknowledge(run);
    const plan = await prepare(run);
    if (request.pullRequest === undefined) await proposeChange(run, plan);
    else await verifyPullRequest(run, plan, request.pullRequest);
  } catch (error) {
    const failure = toFailure(error);
    if (failure.code === STOPPING) throw failure;
    await explain(run, failure);
  }
}

/** From an issue to a draft pull request. */
async function proposeChange(run: OpenRun, plan: Plan): Promise<void> {
  const base = await cloneRepository(run, plan);
  const ready = await setUp(run, plan, base);
  await using desk = new Desk(run, ready);
  const baseline = await measureBaseline(run, ready, desk);
  const work = await resolveIssue(run, ready, baseline, desk);
  await desk.close();
  await publish(run, plan, ready, work);
}

/** There is nothing to tell people with; a run that stayed open would keep its issue from ever getting another. */
async function neverOpened(
  { store }: RunPorts,
  { id }: RunRequest,
  error: unknown,
): Promise<never> {
  const failure = toFailure(error);
  if (failure.code !== STOPPING) {
    await store.setState(id, "failed", { outcome: `${failure.kind}/${failure.code}` });
  }
  throw failure;
}
