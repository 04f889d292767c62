import { expect, it } from "vitest";
import type { SuiteRun } from "../../../src/check/suite.ts";
import { isRecent, isWorthKeeping } from "../../../src/run/saved-baselines.ts";
import { type Outcomes, suiteRun } from "../../fakes/suite-run.ts";

const both = (first: Outcomes, second: Outcomes, facts: Partial<SuiteRun> = {}) =>
  isWorthKeeping({ first: suiteRun(first), second: suiteRun(second, facts) });

it("what two runs agree on, test by test, is worth keeping, failures too", () => {
  expect(both({ "a.js > x": "pass" }, { "a.js > x": "pass" }, { durationMs: 7 })).toBe(true);
  expect(
    both(
      { "a.js > x": "pass", "b.js > y": "assertion" },
      { "b.js > y": "assertion", "a.js > x": "pass" },
    ),
  ).toBe(true);
});

it("what they don't agree on isn't", () => {
  const seen: Outcomes = { "a.js > x": "pass", "b.js > y": "assertion" };
  for (const other of [
    { ...seen, "a.js > x": "assertion" },
    { ...seen, "a.js > x": "skip" },
    { ...seen, "b.js > y": "import" },
    { ...seen, "c.js > z": "pass" },
    { "b.js > y": "assertion" },
  ] as const) {
    expect(both(seen, other), JSON.stringify(other)).toBe(false);
    expect(both(other, seen), JSON.stringify(other)).toBe(false);
  }
  expect(both(seen, seen, { exitCode: 2 })).toBe(false);
});

it("a run that was cut short or whose report is not its runner's alone is never kept", () => {
  const facts: readonly Partial<SuiteRun>[] = [
    { end: "timeout", exitCode: null },
    { end: "oom", exitCode: null },
    { integrity: { ended: true, foreign: 1 } },
    { integrity: { ended: false, foreign: 0 } },
  ];
  for (const one of facts) {
    expect(both({ x: "pass" }, { x: "pass" }, one), JSON.stringify(one)).toBe(false);
  }
  const foreign = suiteRun({ x: "pass" }, { integrity: { ended: true, foreign: 1 } });
  expect(isWorthKeeping({ first: foreign, second: foreign })).toBe(false);
  const cut = suiteRun({ x: "pass" }, { end: "timeout" });
  expect(isWorthKeeping({ first: cut, second: cut })).toBe(false);
});

it("what was measured a week ago is measured again", () => {
  const saved = { measuredAtMs: 1_000, baseline: `sha256:${"a".repeat(64)}`, logs: [] } as const;
  expect(isRecent(saved, 1_000 + 6 * 86_400_000)).toBe(true);
  expect(isRecent(saved, 1_000 + 7 * 86_400_000)).toBe(false);
});
