import { AGENT_LIMITS, type AgentEnd, type AgentTask, runAgent } from "../agent/loop.ts";
import type { ModelAnswer, ModelRequest } from "../agent/model.ts";
import { openingMessages } from "../agent/prompt.ts";
import type { Submission } from "../agent/tools/submit.ts";
import { TOOL_SCHEMAS } from "../agent/tools/toolbox.ts";
import type { Digest } from "../artifact/artifact.ts";
import { Failure } from "../errors.ts";
import type { Baseline } from "../evidence/runs/baseline.ts";
import { askModel } from "./ask-model.ts";
import { type Checked, checkChange } from "./check-change.ts";
import type { Acted, Desk } from "./desk.ts";
import { openInbox } from "./inbox.ts";
import type { OpenRun } from "./open-run.ts";
import type { Ready } from "./set-up.ts";
import { tellStatus } from "./status.ts";

/** A submitted change and what Dunlin found out about it. */
export type Work = {
  readonly submission: Submission;
  readonly evidence: Digest;
};

/**
 * The model's turns. Each has two durable steps: its answer, stored before anything it asks for is done, and what its
 * tools did, with the tree after them. Throws a Failure when the run ends without a change to publish.
 */
export async function resolveIssue(
  run: OpenRun,
  ready: Ready,
  baseline: Baseline,
  desk: Desk,
): Promise<Work> {
  const inbox = openInbox(run);
  let checked: Checked | undefined;
  await tellWorking(run);
  const end = await runAgent(await taskOf(run, ready), {
    ask: namedOnce(run, desk),
    inbox: (turn) => inbox.next(turn),
    async act(turn, calls) {
      const acted = await run.step(`turn-${turn}-tools`, "turns", async (signal) => ({
        ...(await desk.act(calls, signal)),
        steers: await inbox.look(),
      }));
      desk.remember(acted);
      inbox.keep(acted.steers);
      await showPlan(run, turn, acted);
      return acted.outcomes;
    },
    async verify(attempt, submission) {
      checked = await run.step(`verify-${attempt}`, "verify", (signal) =>
        checkChange(run, ready, baseline, { attempt, submission }, signal),
      );
      return checked.accepted ? { accepted: true } : { accepted: false, report: checked.report };
    },
  });
  run.turns = end.turns;
  return workOf(end, checked);
}

async function taskOf(run: OpenRun, ready: Ready): Promise<AgentTask> {
  const { limits } = run.ports;
  const tree = await run.mirror.list(ready.sha);
  return {
    opening: openingMessages({
      project: ready.project,
      files: tree.map((entry) => entry.path),
      instructions: ready.instructions,
      task: run.request,
    }),
    tools: TOOL_SCHEMAS,
    limits: {
      ...AGENT_LIMITS,
      turns: limits.turns,
      wrapUpAtTurn: Math.max(1, Math.floor(limits.turns * 0.75)),
      contextWindow: limits.contextTokens,
    },
  };
}

/** A turn may have to ask twice, the second time with a shorter conversation: each request is a step of its own. */
function namedOnce(run: OpenRun, desk: Desk) {
  let last = { turn: 0, times: 0 };
  return async (turn: number, request: ModelRequest): Promise<ModelAnswer> => {
    last = turn === last.turn ? { turn, times: last.times + 1 } : { turn, times: 1 };
    run.turns = turn;
    const again = last.times === 1 ? "" : `-${last.times}`;
    const answer = await run.step(`turn-${turn}-model${again}`, "turns", (signal) => {
      desk.openAhead(signal);
      return askModel(run, turn, request, signal);
    });
    const { inputTokens, cachedInputTokens, outputTokens } = answer.usage;
    run.tokens = {
      input: run.tokens.input + inputTokens,
      cachedInput: run.tokens.cachedInput + cachedInputTokens,
      output: run.tokens.output + outputTokens,
    };
    return answer;
  };
}

async function tellWorking(run: OpenRun): Promise<void> {
  await run.hostStep("status-working", "turns", () => tellStatus(run, "Working on it"));
}

/** People follow the plan in the status comment. */
async function showPlan(run: OpenRun, turn: number, acted: Acted): Promise<void> {
  const plan = acted.outcomes.findLast((outcome) => outcome.plan !== undefined)?.plan;
  if (plan === undefined) return;
  run.plan = plan;
  await run.hostStep(`turn-${turn}-plan`, "turns", () => tellStatus(run, "Working on it"));
}

function workOf(end: AgentEnd, checked: Checked | undefined): Work {
  switch (end.kind) {
    case "submitted":
      if (checked?.evidence !== undefined) {
        return { submission: end.submission, evidence: checked.evidence };
      }
      throw new Failure(
        "invalid-request",
        "patch-refused",
        checked?.report ?? "There is no change.",
      );
    case "gave-up":
      throw new Failure("invalid-request", "gave-up", end.question, { details: { why: end.why } });
    case "limit":
      throw new Failure("limit-reached", end.which, end.message);
    case "stuck":
      throw new Failure("limit-reached", "stuck", end.message, { details: { why: end.why } });
  }
}
