import type { Digest } from "../artifact/artifact.ts";
import type { Project } from "../check/project.ts";
import type { SuiteRun } from "../check/suite.ts";
import type { Baseline } from "../evidence/runs/baseline.ts";
import { keyText } from "../evidence/tests/steadiness.ts";
import type { Isolation, SandboxLimits } from "../sandbox/sandbox.ts";
import { MAX_AGE_MS } from "./saved-installs.ts";

/** Where the two runs of a base's suite are kept. Plain JSON. */
export type SavedBaseline = {
  readonly measuredAtMs: number;
  /** A `Baseline` as JSON. */
  readonly baseline: Digest;
  /** Whole outputs of the two runs, where they were short enough to be kept: the evidence names them. */
  readonly logs: readonly Digest[];
};

/** Measured bases for later runs on the same; by a digest of all that decides what comes of them. */
export interface SavedBaselines {
  /** Undefined also for one that can't be read. */
  get(key: string): Promise<SavedBaseline | undefined>;
  put(key: string, baseline: SavedBaseline): Promise<void>;
}

/** As for installations: a clock, a kernel or Dunlin itself may have moved on meanwhile. */
export function isRecent({ measuredAtMs }: SavedBaseline, nowMs: number): boolean {
  return nowMs - measuredAtMs < MAX_AGE_MS;
}

export type BaselineQuestion = {
  /** Runs of other repositories share nothing with this one's. */
  readonly repositoryId: number;
  readonly baseSha: string;
  readonly isolation: Isolation;
  readonly nodeVersion: string | null;
  /** Null when there are none. */
  readonly dependencies: Digest | null;
  readonly project: Project;
  readonly limits: SandboxLimits;
  /** Of one run of the suite. */
  readonly timeoutMs: number;
};

/** To be raised when Dunlin runs a suite, reads its report or names its tests in another way than before. */
const FORMAT = 1;

/** All that decides what the base's suite does, as one text. */
export function baselineQuestion({ project, ...asked }: BaselineQuestion): string {
  // What was found where is for people, and says other things when the dependencies come from an earlier run.
  return JSON.stringify({ format: FORMAT, ...asked, project: { ...project, findings: [] } });
}

/**
 * Whether both runs came to their end, were reported by their runner alone, and say the same of every test. What is
 * unsteady is measured each time: kept, one throw of the dice would stand for all.
 */
export function isWorthKeeping({ first, second }: Baseline): boolean {
  const isWhole = [first, second].every(
    ({ end, integrity }) => end === "exit" && integrity.foreign === 0,
  );
  return isWhole && outcomeOf(first) === outcomeOf(second);
}

/** Runners that work in parallel report the same tests in any order. */
function outcomeOf({ exitCode, integrity, tests }: SuiteRun): string {
  const results = tests.map(({ key, status, failure }) =>
    JSON.stringify([keyText(key), status, failure?.reason]),
  );
  return JSON.stringify([exitCode, integrity.ended, results.toSorted()]);
}
