import { type Digest, isWhole, readAll } from "../artifact/artifact.ts";
import { explainUnrunnable } from "../check/explain-unrunnable.ts";
import { Failure } from "../errors.ts";
import { type Baseline, baselineProblem, runBaseline } from "../evidence/runs/baseline.ts";
import { matrixOptions, matrixPorts } from "./check-change.ts";
import type { Desk } from "./desk.ts";
import type { OpenRun } from "./open-run.ts";
import { baselineQuestion, isRecent, isWorthKeeping } from "./saved-baselines.ts";
import type { Ready } from "./set-up.ts";
import { showStatus } from "./status.ts";

/** Reports of more tests than that are read from a run, not from a file. */
const MOST_KEPT_CHARACTERS = 16 << 20;

type Measured = { readonly baseline: Baseline; readonly findings: readonly string[] };

/**
 * The suite of the base, twice, before any model request is paid for, unless an earlier run has measured the very same.
 * Meanwhile the model's own sandbox opens, where there is a model. Throws a Failure when nothing could ever be proven on
 * this base.
 */
export async function measureBaseline(run: OpenRun, ready: Ready, desk?: Desk): Promise<Baseline> {
  const { baseline, findings } = await run.step("baseline", "baseline", async (signal) => {
    desk?.openAhead(signal);
    const key = keyOf(run, ready, signal);
    return (await findBaseline(run, key)) ?? (await measureAndKeep(run, ready, key, signal));
  });
  run.findings = [...ready.project.findings, ...findings];
  return baseline;
}

function keyOf(run: OpenRun, ready: Ready, signal: AbortSignal): string {
  const { sha, isolation, nodeVersion, dependencies, project } = ready;
  const question = baselineQuestion({
    repositoryId: run.request.repository.id,
    baseSha: sha,
    isolation,
    nodeVersion,
    dependencies: dependencies?.digest ?? null,
    project,
    limits: run.ports.limits.sandbox,
    timeoutMs: matrixOptions(run, ready, signal).timeoutMs,
  });
  return run.ports.sha256(question);
}

async function findBaseline(run: OpenRun, key: string): Promise<Measured | undefined> {
  const { artifacts, baselines, now, isoTime } = run.ports;
  const known = await baselines.get(key);
  if (known === undefined || !isRecent(known, now())) return undefined;
  for (const digest of [known.baseline, ...known.logs]) {
    if (!(await isWhole(artifacts, digest))) return undefined;
  }
  const text = new TextDecoder().decode(await readAll(artifacts.get(known.baseline)));
  const day = isoTime(known.measuredAtMs).slice(0, 10);
  const source = `Base suite: as measured on ${day}, twice, on the same commit, with the same command, dependencies and image.`;
  run.note(source);
  return { baseline: JSON.parse(text) as Baseline, findings: [source] };
}

async function measureAndKeep(
  run: OpenRun,
  ready: Ready,
  key: string,
  signal: AbortSignal,
): Promise<Measured> {
  await showStatus(run, "Running the test suite as it is");
  const baseline = await runBaseline(matrixPorts(run, ready), matrixOptions(run, ready, signal));
  const { reports } = ready.project.test;
  const problem = explainUnrunnable(baseline.first, reports) ?? baselineProblem(baseline);
  if (problem !== undefined) {
    throw new Failure("invalid-request", "suite-does-not-run", problem);
  }
  if (isWorthKeeping(baseline)) await keep(run, key, baseline);
  return { baseline, findings: [] };
}

async function keep({ ports }: OpenRun, key: string, baseline: Baseline): Promise<void> {
  const { artifacts, baselines, now } = ports;
  const text = JSON.stringify(baseline);
  if (text.length > MOST_KEPT_CHARACTERS) return;
  const { digest } = await artifacts.put(new TextEncoder().encode(text));
  const logs: Digest[] = [];
  for (const { logSha256 } of [baseline.first, baseline.second]) {
    const log: Digest = `sha256:${logSha256}`;
    if (await artifacts.has(log)) logs.push(log);
  }
  await baselines.put(key, { measuredAtMs: now(), baseline: digest, logs });
}
