import { describe, expect, it } from "vitest";
import {
  jestJson,
  mochaJson,
  nodeTest,
  tapeBlocks,
  tapSubtests,
} from "../../reporters/summaries.ts";
import { isEqual } from "../../reporters/try-case.ts";

const CASES = [
  [
    "node:test",
    nodeTest,
    "1..4\n# tests 6\n# suites 0\n# pass 2\n# fail 1\n# cancelled 1\n# skipped 1\n# todo 1\n# duration_ms 88.5\n",
    { pass: 2, fail: 2, skip: 2 },
  ],
  [
    "mocha",
    mochaJson,
    '{ printed by a test\n{\n  "stats": {\n    "suites": 9,\n    "tests": 51,\n    "passes": 47,\n    "pending": 0,\n    "failures": 4\n  }\n}',
    { pass: 47, fail: 4, skip: 0 },
  ],
  [
    "jest",
    jestJson,
    '{"numFailedTestSuites":1,"numFailedTests":1,"numPassedTests":64,"numPendingTests":2,"numTodoTests":1,"numTotalTests":68}\n',
    { pass: 64, fail: 1, skip: 3 },
  ],
  [
    "tape",
    tapeBlocks,
    "TAP version 13\n# proto pollution\nok 1 should be equal\nnot ok 2 should be equal\n  ---\n    operator: equal\n  ...\n# SKIP waits\n# dash\nok 3 ok\nnot ok 4 later # TODO\n\n1..4\n# tests 4\n# pass  2\n# fail  2\n",
    { pass: 1, fail: 1, skip: 1 },
  ],
  [
    "tap",
    tapSubtests,
    "# Subtest: test.js\n    # Subtest: null object\n        ok 1 - should be equal\n        1..1\n    ok 1 - null object # time=0.699ms\n    # Subtest: Proxy throwing\n        not ok 1 - must emit\n        1..1\n        # failed 1 test\n    not ok 2 - Proxy throwing # time=16.877ms\n    ok 3 - waits # SKIP\n    1..3\n    # time=1317.834ms\nnot ok 1 - test.js # time=1317.834ms\n1..1\n# time=6185.036ms\n",
    { pass: 1, fail: 1, skip: 1 },
  ],
] as const;

describe.each(CASES)("the summary of %s", (_, summary, output, expected) => {
  it("is read", () => expect(summary(output)).toEqual(expected));

  it("is missing when the output ends before it", () => {
    expect(summary(output.slice(0, output.length >> 1))).toBeUndefined();
  });
});

describe("a comparison", () => {
  const about = { runner: "tape", project: "qs", version: "5" };
  const counts = { pass: 3, fail: 1, skip: 0 };

  it("is equal only when every count is, or differs by as much as the case says", () => {
    const read = { pass: 4, fail: 1, skip: 0 };
    expect(isEqual({ ...about, alone: counts, read: counts })).toBe(true);
    expect(isEqual({ ...about, alone: counts, read })).toBe(false);
    const differs = { by: { pass: 1, fail: 0, skip: 0 }, because: "a file counts" };
    expect(isEqual({ ...about, alone: counts, read, differs })).toBe(true);
    expect(isEqual({ ...about, alone: counts, read: counts, differs })).toBe(false);
  });

  it("of nothing is not equal", () => {
    const none = { pass: 0, fail: 0, skip: 0 };
    expect(isEqual({ ...about, alone: none, read: none })).toBe(false);
    expect(isEqual({ ...about, alone: counts })).toBe(false);
  });
});
