import type { SuiteRun, TestKey } from "../../check/suite.ts";
import type { EgressRefusal } from "../../sandbox/egress.ts";
import type { Sandbox } from "../../sandbox/sandbox.ts";
import type { FileChange } from "../../workspace/patch.ts";
import { type HunkRecord, isTried, type Trial, type TriedHunk } from "../hunks.ts";
import { byKey } from "../tests/fail-to-pass.ts";
import { inFreshSandbox, type MatrixOptions, type MatrixPorts, suiteIn } from "./fresh-sandbox.ts";
import { headOf } from "./targeted.ts";

export type RevertOptions = MatrixOptions & {
  readonly changes: readonly FileChange[];
  readonly trials: readonly Trial[];
  /** The fail-to-pass tests; without any there is nothing to try. */
  readonly proofs: readonly TestKey[];
  /** Those that hold the proofs; the whole suite when left out. */
  readonly only?: readonly string[];
  /** What one run of these files takes on the head. */
  readonly usualMs: number;
  /** No trial starts once the ones before took so long together. */
  readonly budgetMs: number;
};

/** R5: what the fail-to-pass tests say without each hunk. */
export type Reverted = {
  readonly hunks: readonly HunkRecord[];
  readonly runs: readonly { readonly tree: string; readonly suite: SuiteRun }[];
  readonly refusals: readonly EgressRefusal[];
};

/** A hunk without which the tests hang shall not take much longer than one with which they pass. */
const PATIENCE = { times: 5, plusMs: 5000 };
/** Compiled Python is told apart by size and second of change only, which two hunks may share. */
const NO_STALE_BYTECODE = { PYTHONDONTWRITEBYTECODE: "1" };

const LATE = "Not tried: the time for it was over.";
const BROKEN = "Not tried: the sandbox ended in the trial before.";
const UNSTEADY =
  "The tests failed with the whole change as well after this was tried, so it can't be told.";

/**
 * Takes back one hunk after the other in one sandbox with the head, puts each in again, and at the end sees the tests
 * pass once more with the whole change: so nothing of a trial was left that mattered.
 */
export async function revertHunks(ports: MatrixPorts, options: RevertOptions): Promise<Reverted> {
  const { trials, proofs } = options;
  const asPlanned = trials.map(({ hunk }) => hunk);
  const idle = proofs.length === 0 || !trials.some(isTried);
  if (idle) return { hunks: asPlanned, runs: [], refusals: [] };
  const line = "running the tests without each part of the change";
  return inFreshSandbox(ports, options, line, async (sandbox) => {
    await headOf(ports, options.changes)(sandbox, options.signal);
    const { hunks, runs } = await tryAll(ports, options, sandbox);
    return { hunks, runs, refusals: [...sandbox.refusals] };
  });
}

async function tryAll(
  ports: MatrixPorts,
  options: RevertOptions,
  sandbox: Sandbox,
): Promise<Pick<Reverted, "hunks" | "runs">> {
  const runs: { tree: string; suite: SuiteRun }[] = [];
  const hunks: HunkRecord[] = [];
  for (const trial of options.trials) {
    const why = whyNotNow(runs, options);
    if (!isTried(trial)) hunks.push(trial.hunk);
    else if (why !== undefined) hunks.push({ ...trial.hunk, note: why });
    else {
      const suite = await tryOne(ports, options, sandbox, trial);
      runs.push({ tree: `head without ${placeOf(trial.hunk)}`, suite });
      hunks.push({ ...trial.hunk, neededBy: notPassed(suite, options.proofs) });
    }
  }
  const isNeeded = hunks.some(({ neededBy }) => (neededBy?.length ?? 0) > 0);
  if (runs.some(isBroken) || !isNeeded) return { hunks, runs };
  const control = await runProofs(ports, options, sandbox);
  runs.push({ tree: "head, all parts in place again", suite: control });
  if (notPassed(control, options.proofs).length === 0) return { hunks, runs };
  return { hunks: hunks.map(withoutClaim), runs };
}

type Run = Reverted["runs"][number];

function whyNotNow(runs: readonly Run[], { budgetMs }: RevertOptions): string | undefined {
  if (runs.some(isBroken)) return BROKEN;
  const spentMs = runs.reduce((sum, { suite }) => sum + suite.durationMs, 0);
  return spentMs >= budgetMs ? LATE : undefined;
}

/** The sandbox went with it. */
function isBroken({ suite }: Run): boolean {
  return suite.end === "oom";
}

async function tryOne(
  ports: MatrixPorts,
  options: RevertOptions,
  sandbox: Sandbox,
  { without, restore }: TriedHunk,
): Promise<SuiteRun> {
  await ports.applyChanges(sandbox, [without]);
  const suite = await runProofs(ports, options, sandbox);
  if (suite.end !== "oom") await ports.applyChanges(sandbox, [restore]);
  return suite;
}

/** That a test needs a hunk can't be said when it fails anyway; that none does can. */
function withoutClaim(hunk: HunkRecord): HunkRecord {
  return (hunk.neededBy?.length ?? 0) > 0 ? { ...hunk, neededBy: null, note: UNSTEADY } : hunk;
}

function runProofs(
  ports: MatrixPorts,
  options: RevertOptions,
  sandbox: Sandbox,
): Promise<SuiteRun> {
  const { only, usualMs, timeoutMs } = options;
  const patientMs = usualMs * PATIENCE.times + PATIENCE.plusMs;
  return suiteIn(ports, sandbox, {
    ...options,
    timeoutMs: Math.min(timeoutMs, Math.ceil(patientMs)),
    env: NO_STALE_BYTECODE,
    ...(only && { files: only }),
  });
}

function notPassed(suite: SuiteRun, proofs: readonly TestKey[]): readonly TestKey[] {
  const results = byKey(suite);
  return proofs.filter(({ file, name, ordinal }) => {
    return results.get(JSON.stringify([file, name, ordinal]))?.status !== "pass";
  });
}

/** E.g. `src/a.ts:4-7`. */
export function placeOf({ path, line, lines }: HunkRecord): string {
  return `${path}:${line}${lines > 1 ? `-${line + lines - 1}` : ""}`;
}
