import { AGENT_LIMITS } from "../agent/loop.ts";
import type { Submission } from "../agent/tools/submit.ts";
import type { Digest } from "../artifact/artifact.ts";
import { measureCoverage } from "../check/coverage/measure-coverage.ts";
import { withFirstInstall } from "../check/project.ts";
import { runCommand } from "../check/run-command.ts";
import { runSuite } from "../check/run-suite.ts";
import { Failure } from "../errors.ts";
import type { Evidence, EvidenceFacts, ModelRecord } from "../evidence/evidence.ts";
import { reportParts, verdictLine } from "../evidence/report/report.ts";
import type { Baseline } from "../evidence/runs/baseline.ts";
import type { MatrixOptions, MatrixPorts } from "../evidence/runs/fresh-sandbox.ts";
import { runTargeted, targetedProblem } from "../evidence/runs/targeted.ts";
import { sumRefusals } from "../sandbox/egress.ts";
import { applyChanges } from "../workspace/apply-changes.ts";
import type { Patch } from "../workspace/patch.ts";
import { checkPatch } from "../workspace/patch-policy.ts";
import { commitChange, fixMessage } from "./commit-change.ts";
import { checkpointPatch } from "./desk.ts";
import { storeEvidence } from "./evidence-file.ts";
import { keepLog } from "./keep-log.ts";
import { installOnline } from "./open-registries.ts";
import type { OpenRun, Workshop } from "./open-run.ts";
import { proveKept } from "./prove-kept.ts";
import { issueNumberOf, repositoryName } from "./run.ts";
import { freshSandbox, type Ready } from "./set-up.ts";

const SUITE_TIMEOUT_MS = 10 * 60_000;
const UNINSTALLABLE = new Set([
  "install-failed",
  "install-out-of-memory",
  "install-timeout",
  "private-packages",
]);

/** What came of a submission. `report` is for the model; `evidence` is absent when nothing could be run. */
export type Checked =
  | { readonly accepted: true; readonly evidence: Digest }
  | { readonly accepted: false; readonly report: string; readonly evidence?: Digest };

export type Submitted = {
  /** Counted from 1. */
  readonly attempt: number;
  readonly submission: Submission;
};

/** Collects the evidence for the change as it stands after the last turn: the model's word plays no part in it. */
export async function checkChange(
  run: OpenRun,
  ready: Ready,
  baseline: Baseline,
  submitted: Submitted,
  signal: AbortSignal,
): Promise<Checked> {
  if (run.unkept !== undefined) {
    // The last tree that could be kept is not what was submitted.
    const report = `The change as it stands can't be kept: ${run.unkept} Then submit again.`;
    return { accepted: false, report };
  }
  const patch = await checkpointPatch(run);
  if (patch === undefined || patch.changes.length === 0) {
    return { accepted: false, report: "Nothing was changed, so there is nothing to submit." };
  }
  const decision = checkPatch(patch, await run.mirror.list(ready.sha));
  if (!decision.ok) {
    const lines = decision.problems.map(({ path, reason }) => `- ${path} ${reason}`.trimEnd());
    const report = `The change can't be published like this; take these parts back:\n${lines.join("\n")}`;
    return { accepted: false, report };
  }
  const found = await examine(run, ready, { ...submitted, baseline, patch }, signal);
  if ("rejection" in found) return { accepted: false, report: found.rejection };
  const { evidence } = found;
  const digest = await storeEvidence(run.ports, evidence);
  if (isAccepted(evidence, submitted.submission)) return { accepted: true, evidence: digest };
  return { accepted: false, report: rejection(evidence), evidence: digest };
}

type Examined = { readonly evidence: Evidence } | { readonly rejection: string };

/** The whole suite only runs when the patch's own tests don't speak against it, or nobody is left to mend them. */
async function examine(
  run: OpenRun,
  ready: Ready,
  work: Submitted & { readonly baseline: Baseline; readonly patch: Patch },
  signal: AbortSignal,
): Promise<Examined> {
  const ports = matrixPorts(run, ready);
  const { attempt, submission, baseline, patch } = work;
  const options = { ...matrixOptions(run, ready, signal), baseline, patch };
  try {
    const targeted = await runTargeted(ports, options);
    const problem = targetedProblem(targeted, baseline);
    const isHopeless =
      problem !== undefined && !(problem.kind === "no-proof" && excuses(submission));
    const isLast = attempt > AGENT_LIMITS.submitRejections;
    if (isHopeless && !isLast) {
      return { rejection: `${problem.detail}\n\n${ADVICE}` };
    }
    const measuredOn = await commitChange(run, patch, fixMessage(run.request));
    const facts = await factsOf(run, ready, measuredOn, await modelOf(run));
    const proven = await proveKept(run.ports, ports, { ...options, facts, targeted, isLast });
    const message = fixMessage(run.request, proven.measuredSha256);
    return { evidence: { ...proven, headSha: await commitChange(run, patch, message) } };
  } catch (error) {
    // Packages that can't be installed are the change's own fault, and for the model to mend.
    if (!(error instanceof Failure) || !UNINSTALLABLE.has(error.code)) throw error;
    return { rejection: `What the change asks for can't be installed: ${error.message}` };
  }
}

/** What the matrix is run with, for the base alone and for a change. */
export function matrixPorts(run: Workshop, ready: Ready): MatrixPorts {
  const { createHash } = run.ports;
  return {
    freshSandbox: (signal) => freshSandbox(run, ready, signal),
    runSuite: (sandbox, project, options) =>
      keepLog(run.ports.artifacts, (onOutput) =>
        runSuite(sandbox, project, { ...options, createHash, onOutput }),
      ),
    measureCoverage: (sandbox, project, options) =>
      measureCoverage(sandbox, project, { ...options, createHash }),
    runCommand: (sandbox, project, options) =>
      runCommand(sandbox, project, { ...options, createHash }),
    applyChanges,
    installAgain: async (sandbox, signal) => {
      await installOnline(run.ports, sandbox, withFirstInstall(ready.project), signal);
    },
  };
}

export function matrixOptions(run: Workshop, ready: Ready, signal: AbortSignal): MatrixOptions {
  return {
    project: ready.project,
    timeoutMs: SUITE_TIMEOUT_MS,
    atOnce: run.ports.limits.sandboxesAtOnce,
    signal,
    onProgress: (line) => run.note(line),
  };
}

/** The verdict decides; of the model's words only its reason for a change without a test counts. */
export function isAccepted(
  { verdict }: Pick<Evidence, "verdict">,
  submission: Submission,
): boolean {
  if (verdict === "verified") return true;
  return verdict === "verified_no_new_test" && excuses(submission);
}

/** Whether the model says why there can't be a test. */
function excuses(submission: Submission): boolean {
  return (submission.no_test_reason ?? "").trim() !== "";
}

const ADVICE = "Mend what stands above and submit again.";
const MAX_REPORT_CHARACTERS = 12_000;

/** The evidence in the words that the reviewer would read. */
function rejection(evidence: Evidence): string {
  const parts = reportParts(evidence).map((part) => part.text);
  const advice =
    evidence.verdict === "verified_no_new_test"
      ? "Add a test that fails without the change, or give no_test_reason."
      : ADVICE;
  const report = [verdictLine(evidence), ...parts].join("\n\n").slice(0, MAX_REPORT_CHARACTERS);
  return `${report}\n\n${advice}`;
}

async function modelOf({ ports, request, turns, tokens }: OpenRun): Promise<ModelRecord> {
  const { host, name } = ports.model;
  const { costUsd } = await ports.store.spent(request.id);
  return { host, name, turns, tokens, costUsd };
}

/** What the run knows of itself. `model` is null when none took part. */
export async function factsOf(
  run: OpenRun,
  ready: Ready,
  headSha: string,
  model: ModelRecord | null,
): Promise<EvidenceFacts> {
  const { request, ports } = run;
  const diff = await run.mirror.diff(ready.sha, headSha);
  return {
    runId: request.id,
    repository: repositoryName(request),
    issueNumber: issueNumberOf(request),
    baseSha: ready.sha,
    headSha,
    patchSha256: ports.sha256(diff).replace("sha256:", ""),
    nodeVersion: ready.nodeVersion,
    packageManager: ready.project.packageManager,
    model,
    pullRequest:
      request.pullRequest === undefined
        ? null
        : { number: request.issueNumber, requestedBy: request.requestedBy },
    limitsHit: [],
    refusals: sumRefusals(ready.refusals, run.refusals),
    startedAt: ports.isoTime(run.startedAtMs),
  };
}
