import type { SuiteRun } from "../check/suite.ts";

/** How a command ended on one side. */
export type Outcome = Pick<SuiteRun, "end" | "exitCode" | "durationMs">;

/** A command of the project beside its tests, on the base and on the head. */
export type CheckDelta = {
  readonly command: string;
  readonly base: Outcome;
  readonly head: Outcome;
  /** What the head's output complains about and the base's doesn't; untrusted text, a line each, at most 50. */
  readonly news: readonly string[];
};

/** R6; null where the project has no such command, or it wasn't run. */
export type Checks = {
  readonly build: CheckDelta | null;
  readonly lint: CheckDelta | null;
  readonly types: CheckDelta | null;
};

export const NO_CHECKS: Checks = { build: null, lint: null, types: null };
