import type { Digest } from "../artifact/artifact.ts";
import { STOPPING } from "../engine/engine.ts";
import { type Failure, type FailureKind, toFailure } from "../errors.ts";
import { createRedactor } from "../pull-request/redact.ts";
import { sanitizeMarkdown } from "../pull-request/sanitize.ts";
import { keptPatch } from "./kept-patch.ts";
import type { OpenRun } from "./open-run.ts";
import type { RunState } from "./run.ts";
import { statusMarker } from "./status.ts";
import { conclude, type Problem } from "./summary.ts";

/** The end of a run without a pull request: one comment with phase, cause, what was kept and the next step. */
export async function explain(run: OpenRun, failure: Failure): Promise<void> {
  const { kind, code } = failure;
  const log = kind === "bug" ? run.log.error : run.log.info;
  log.call(run.log, { code, kind }, "run ended without what it was for");
  const phase = [...run.phases.keys()].at(-1) ?? "acknowledge";
  const problem = { kind, code, phase, message: kind === "bug" ? "" : failure.message };
  const kept = await run
    .lastStep("explain", () => tell(run, problem))
    .catch((error: unknown) => goOnUntold(run, toFailure(error)));
  const state: RunState = kind === "cancelled" ? "cancelled" : "failed";
  await conclude(run, {
    state,
    outcome: `${kind}/${code}`,
    problem,
    ...(kept === null ? {} : { patchDigest: kept }),
  });
}

/** Who can't be told (the App was removed, the issue deleted) must not keep the run open for ever. */
function goOnUntold(run: OpenRun, failure: Failure): null {
  if (failure.code === STOPPING) throw failure;
  const { code, message } = failure;
  run.log.error({ code, error: message }, "the end of the run could not be told");
  return null;
}

/** Gives the digest of the kept patch, if there is one. */
async function tell(run: OpenRun, problem: Problem): Promise<Digest | null> {
  const patch = await keptPatch(run);
  const runId = run.request.id;
  const { mention } = run.host;
  const isVerifying = run.request.pullRequest !== undefined;
  const text = failureText({ problem, patch, runId, mention, isVerifying });
  const body = createRedactor(run.ports.secrets()).redact(text);
  await run.host.writeComment(run.request.issueNumber, statusMarker(runId), body);
  if (patch === undefined) return null;
  return (await run.ports.artifacts.put(new TextEncoder().encode(patch))).digest;
}

const HEADLINES: Readonly<Record<FailureKind, string>> = {
  "invalid-request": "Dunlin can't do this as it stands.",
  "not-permitted": "Dunlin may not do this.",
  "limit-reached": "A limit was reached, so Dunlin stopped.",
  cancelled: "Stopped.",
  unavailable: "Something that Dunlin needs was not there.",
  bug: "Dunlin itself went wrong; this is a fault of its own.",
};
const GAVE_UP = "Dunlin gave up.";

const PHASES: Readonly<Record<string, string>> = {
  acknowledge: "before it began",
  prepare: "before anything was fetched",
  clone: "while reading the repository",
  setUp: "while setting up the sandbox and the dependencies",
  baseline: "while running the suite of the base commit",
  turns: "while the model worked",
  verify: "while collecting evidence",
  publish: "while publishing",
};

/** What happened and when, in one line. */
export function headlineOf({ kind, code, phase }: Problem): { what: string; when: string } {
  return {
    what: code === "gave-up" ? GAVE_UP : HEADLINES[kind],
    when: `It ended ${PHASES[phase] ?? `in phase ${phase}`}.`,
  };
}

/** What a person does next on the code host; the message has said what to mend. */
function nextStep({ kind, code }: Problem, mention: string, isVerifying: boolean): string {
  const again = isVerifying
    ? `comment \`${mention} verify\``
    : `put the label on again or comment \`${mention} fix\``;
  if (code === "gave-up") return `Answer in a comment, then ${again}.`;
  switch (kind) {
    case "invalid-request":
      return `Mend that, then ${again}.`;
    case "not-permitted":
      return `Somebody with write access can ${again}.`;
    case "limit-reached":
      return `To go on with a new budget, ${again}; the operator can allow more.`;
    case "cancelled":
      return `To start anew, ${again}.`;
    case "unavailable":
      return `Once that is there, ${again}.`;
    case "bug":
      return `Tell the operator the run's id, then ${again}.`;
  }
}

export type FailureFacts = {
  readonly problem: Problem;
  /** The change so far as a unified diff. */
  readonly patch: string | undefined;
  readonly runId: string;
  readonly mention: string;
  /** Whether it was about people's own change. */
  readonly isVerifying?: boolean;
};

const MAX_MESSAGE_CHARACTERS = 4_000;
const MAX_PATCH_CHARACTERS = 40_000;

/** The comment that ends a run without a pull request. */
export function failureText(facts: FailureFacts): string {
  const { problem, patch, runId, mention, isVerifying = false } = facts;
  const { what, when } = headlineOf(problem);
  const message = sanitizeMarkdown(problem.message, MAX_MESSAGE_CHARACTERS);
  return [
    `**${what}** ${when}`,
    ...(message === "" ? [] : [message]),
    patch === undefined ? "Nothing was changed." : "The change so far is kept:",
    ...(patch === undefined ? [] : [patchBlock(patch)]),
    `**Next:** ${nextStep(problem, mention, isVerifying)}`,
    `<sub>run \`${runId}\` · \`${problem.kind}/${problem.code}\`</sub>`,
  ].join("\n\n");
}

function patchBlock(patch: string): string {
  const shown = patch.slice(0, MAX_PATCH_CHARACTERS);
  const longest = Math.max(2, ...[...shown.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = "`".repeat(longest + 1);
  const cut = shown.length < patch.length ? "\n(cut; the operator has the whole)" : "";
  return `<details><summary>Patch</summary>\n\n${fence}diff\n${shown}${cut}\n${fence}\n\n</details>`;
}
