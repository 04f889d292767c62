import { describe, expect, it } from "vitest";
import { explainUnrunnable } from "../../../src/check/explain-unrunnable.ts";
import type { FailureReason, SuiteRun, TestResult } from "../../../src/check/suite.ts";

function run(more: Partial<SuiteRun>): SuiteRun {
  return {
    command: "npm test",
    end: "exit",
    exitCode: 1,
    durationMs: 600_000,
    integrity: { ended: true, foreign: 0 },
    tests: [],
    logTail: "",
    logSha256: "",
    ...more,
  };
}
function failed(message: string, reason: FailureReason = "exception"): TestResult {
  return {
    key: { file: "a.js", name: message, ordinal: 1 },
    status: "fail",
    failure: { reason, message },
  };
}
const passed: TestResult = { key: { file: "a.js", name: "ok", ordinal: 1 }, status: "pass" };

describe("explainUnrunnable", () => {
  it.each<[string, Partial<SuiteRun>, RegExp]>([
    [
      "a service that every test needs",
      {
        tests: [
          failed("connect ECONNREFUSED 127.0.0.1:5432"),
          failed("connect ECONNREFUSED ::1:5432"),
        ],
      },
      /need a service \(127\.0\.0\.1:5432\).*dunlin\.yml/,
    ],
    [
      "a service that the set-up needs",
      { logTail: "Error: getaddrinfo ENOTFOUND redis" },
      /need a service \(redis\)/,
    ],
    [
      "tests that can't be loaded",
      { tests: [failed("Cannot find module '../dist'", "import")] },
      /'\.\.\/dist'.*built first/,
    ],
    [
      "a program that isn't there",
      { exitCode: 127, logTail: "sh: 1: karma: not found" },
      /karma: not found.*install/,
    ],
    [
      "a command that fails before the tests",
      { logTail: "lint\n  3 problems" },
      /exit code 1 before it reported a test: 3 problems\./,
    ],
    ["time", { end: "timeout", exitCode: null }, /did not end within 10 minutes/],
    ["memory", { end: "oom", exitCode: null }, /out of memory/],
    ["output", { end: "killed", exitCode: null }, /more than 64 MiB/],
  ])("says what is missing: %s", (_, more, expected) => {
    expect(explainUnrunnable(run(more))).toMatch(expected);
  });

  it("lets a suite be compared as soon as one test passes", () => {
    expect(
      explainUnrunnable(run({ tests: [passed, failed("connect ECONNREFUSED ::1:1")] })),
    ).toBeUndefined();
  });

  it("lets failing tests be compared when only some need a service", () => {
    expect(
      explainUnrunnable(run({ tests: [failed("1 !== 2"), failed("ECONNREFUSED")] })),
    ).toBeUndefined();
  });

  it("goes by the exit code of an unknown runner that succeeds", () => {
    expect(explainUnrunnable(run({ exitCode: 0, logTail: "all fine" }))).toBeUndefined();
  });

  it("says so when the JUnit files that were told are not there", () => {
    const silent = run({ exitCode: 0, logTail: "all fine" });
    expect(explainUnrunnable(silent, ["out/*.xml"])).toMatch(/no JUnit XML .* out\/\*\.xml/);
    expect(explainUnrunnable(run({ exitCode: 0, tests: [passed] }), ["out/*.xml"])).toBe(undefined);
  });
});
