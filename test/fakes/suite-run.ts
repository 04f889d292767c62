import type { FailureReason, SuiteRun, TestResult } from "../../src/check/suite.ts";

/** `file > name` of a test, and `pass`, `skip` or why it failed. */
export type Outcomes = Readonly<Record<string, "pass" | "skip" | FailureReason>>;

/** A suite run with these tests; it exits with 1 when one failed. A name without `>` has no file. */
export function suiteRun(outcomes: Outcomes, facts: Partial<SuiteRun> = {}): SuiteRun {
  const tests = Object.entries(outcomes).map(([id, outcome]) => result(id, outcome));
  return {
    command: "npm test",
    end: "exit",
    exitCode: tests.some((test) => test.status === "fail") ? 1 : 0,
    durationMs: 1229,
    tests,
    integrity: { ended: true, foreign: 0 },
    logTail: "a log",
    logSha256: "a".repeat(64),
    ...facts,
  };
}

function result(id: string, outcome: Outcomes[string]): TestResult {
  const [file, name] = id.includes(" > ") ? id.split(/ > (.*)/s) : ["", id];
  const key = { file: file ?? "", name: name ?? "", ordinal: 1 };
  if (outcome === "pass" || outcome === "skip") return { key, status: outcome };
  return { key, status: "fail", failure: { reason: outcome, message: `${outcome} in ${name}` } };
}
