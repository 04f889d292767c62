import type { Failure } from "../errors.ts";
import { sanitizeMarkdown } from "../pull-request/sanitize.ts";
import { keptPatch } from "./kept-patch.ts";
import type { OpenRun } from "./open-run.ts";
import type { RunState } from "./run.ts";
import { statusMarker } from "./status.ts";
import { conclude } from "./summary.ts";

/** The end of a run without a pull request: one comment with phase, cause, what was kept and the next step. */
export async function explain(run: OpenRun, failure: Failure): Promise<void> {
  const log = failure.kind === "bug" ? run.log.error : run.log.info;
  log.call(run.log, { code: failure.code, kind: failure.kind }, "run ended without a proposal");
  const phase = [...run.phases.keys()].at(-1) ?? "acknowledge";
  await run.lastStep("explain", async () => {
    const patch = await keptPatch(run);
    const body = failureText({
      failure,
      phase,
      patch,
      runId: run.request.id,
      mention: run.host.mention,
    });
    await run.host.writeComment(run.request.issueNumber, statusMarker(run.request.id), body);
    return null;
  });
  const state: RunState = failure.kind === "cancelled" ? "cancelled" : "failed";
  await conclude(run, { state, outcome: `${failure.kind}/${failure.code}` });
}

const HEADLINES: Readonly<Record<Failure["kind"], string>> = {
  "invalid-request": "Dunlin can't do this as it stands.",
  "not-permitted": "Dunlin may not do this.",
  "limit-reached": "A limit was reached, so Dunlin stopped.",
  cancelled: "Stopped.",
  unavailable: "Something that Dunlin needs was not there.",
  bug: "Dunlin itself went wrong; this is a fault of its own.",
};

const NEXT: Readonly<Record<Failure["kind"], string>> = {
  "invalid-request": "Mend that and put the label on again.",
  "not-permitted": "Ask somebody with write access.",
  "limit-reached":
    "Put the label on again to go on with a new budget, or ask the operator for a larger one.",
  cancelled: "Put the label on again to start anew.",
  unavailable: "Put the label on again once it is back.",
  bug: "Tell the operator the run's id.",
};

const PHASES: Readonly<Record<string, string>> = {
  acknowledge: "before it began",
  prepare: "while reading the repository's settings",
  clone: "while fetching the repository",
  setUp: "while installing dependencies",
  baseline: "while running the suite of the base commit",
  turns: "while the model worked",
  verify: "while collecting evidence",
  publish: "while publishing",
};

export type FailureFacts = {
  readonly failure: Failure;
  readonly phase: string;
  /** The change so far as a unified diff. */
  readonly patch: string | undefined;
  readonly runId: string;
  readonly mention: string;
};

const MAX_PATCH_CHARACTERS = 40_000;

/** The comment that ends a run without a pull request. */
export function failureText({ failure, phase, patch, runId }: FailureFacts): string {
  const kept =
    patch === undefined
      ? "Nothing was changed, so nothing had to be kept."
      : "The change so far is kept:";
  return [
    `**${HEADLINES[failure.kind]}** It ended ${PHASES[phase] ?? `in phase ${phase}`}.`,
    "",
    sanitizeMarkdown(failure.kind === "bug" ? "" : failure.message, 4_000),
    "",
    kept,
    ...(patch === undefined ? [] : ["", patchBlock(patch)]),
    "",
    `**Next:** ${NEXT[failure.kind]}`,
    "",
    `<sub>run \`${runId}\` · \`${failure.kind}/${failure.code}\`</sub>`,
  ].join("\n");
}

function patchBlock(patch: string): string {
  const shown = patch.slice(0, MAX_PATCH_CHARACTERS);
  const longest = Math.max(2, ...[...shown.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = "`".repeat(longest + 1);
  const cut = shown.length < patch.length ? "\n(cut; the operator has the whole)" : "";
  return `<details><summary>Patch</summary>\n\n${fence}diff\n${shown}${cut}\n${fence}\n\n</details>`;
}
