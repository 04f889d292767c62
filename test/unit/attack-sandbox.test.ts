import { describe, expect, test } from "vitest";
import type { Observed } from "../attack/sandbox/attack-case.ts";
import { CASES } from "../attack/sandbox/cases.ts";
import { type Aftermath, CALM, conclude } from "../attack/sandbox/conclude.ts";
import { seen } from "../attack/sandbox/made-up.ts";
import { argvOf } from "../attack/sandbox/program.ts";
import { QUICK } from "../attack/sandbox/quick.ts";
import { mergeResults, type PageInput } from "../attack/sandbox/results-page.ts";
import type { CaseResult } from "../attack/sandbox/run-case.ts";

/** They close, kill or give up what they would say `DONE` with. */
const MAY_END_SILENTLY = ["kill-all", "own-pipes", "closed-workspace", "closed-outputs"];
/** Their harm shows at the host only: signals, and secrets in what is printed. */
const SEEN_AROUND = ["host-signals", "print-encoded"];
const HARM = ["ESCAPED", "LEAKED", "STUCK"];

describe.each(CASES.map((attack) => [attack.id, attack] as const))("the attack %s", (_, attack) => {
  const outcomeOf = (observed: Observed, after: Partial<Aftermath> = {}) =>
    conclude(attack, observed, { ...CALM, ...after }).outcome;

  test("is held when nothing came of it", () => {
    expect(outcomeOf(attack.calm)).toBe("held");
  });

  test("is seen whenever it did the harm that it meant", () => {
    const outcomes = attack.bites.map((bite) => outcomeOf(bite));
    expect(outcomes.filter((outcome) => !HARM.includes(outcome))).toEqual([]);
    expect(outcomes.length > 0 || SEEN_AROUND.includes(attack.id)).toBe(true);
  });

  test("is seen whenever it did any other harm", () => {
    const breach = { outcome: "ESCAPED" as const, note: "a planted file was changed" };
    expect(outcomeOf(attack.calm, { breaches: [breach] })).toBe("ESCAPED");
    expect(outcomeOf(attack.calm, { secrets: ["one"] })).toBe("LEAKED");
    expect(outcomeOf(attack.calm, { escaped: ["process 7"] })).toBe("ESCAPED");
    expect(outcomeOf(attack.calm, { left: ["a mount"] })).toBe("ESCAPED");
    expect(outcomeOf(attack.calm, { answers: "silent" })).toBe("STUCK");
    const grown = outcomeOf(attack.calm, { grownMiB: 64 });
    expect(grown).toBe(attack.boundedMemory === true ? "ESCAPED" : "held");
  });

  test("costs its sandbox at most", () => {
    const contained = attack.maxLifetimeMs === undefined ? "contained (sandbox lost)" : "held";
    expect(outcomeOf(attack.calm, { answers: "lost" })).toBe(contained);
  });

  test("proves nothing by a program that broke down", () => {
    const command = { ...seen(""), exitCode: 2, err: "syntax error" };
    const { outcome } = attack.judge({ ...attack.calm, command });
    expect(outcome).not.toBe(MAY_END_SILENTLY.includes(attack.id) ? "" : "held");
  });

  test("fits into one argument", () => {
    expect(argvOf(attack.program).every((word) => word.length < 100_000)).toBe(true);
  });
});

test("attacks have names of their own", () => {
  expect(new Set(CASES.map(({ id }) => id)).size).toBe(CASES.length);
});

test("the quick ones exist", () => {
  expect(QUICK.filter((id) => !CASES.some((attack) => attack.id === id))).toEqual([]);
});

describe("a page of results", () => {
  const cases = CASES.slice(0, 2);
  const result = (id: string, outcome: CaseResult["outcome"], ...notes: string[]): CaseResult => ({
    id,
    group: "Host files and processes",
    outcome,
    notes,
    durationMs: 1,
    memoryGrownMiB: 0,
  });
  const input = (runtime: string, results: readonly CaseResult[]): PageInput => ({
    suite: {
      provider: "docker",
      probe: { ok: true, runtime, weak: false, findings: [] },
      results,
      left: [],
    },
    cases,
    groups: ["Host files and processes"],
    machine: { cpus: 2, kernel: "6.1", engine: "Docker 20" },
    now: "2026-11-23",
  });
  const [first, second] = cases.map(({ id }) => id);

  test("keeps what other runtimes brought and replaces its own", () => {
    const runc = [result(`${first}`, "held"), result(`${second}`, "LEAKED", "a | b\n<c>")];
    const runsc = [result(`${first}`, "held", "Only there"), result(`${second}`, "held")];
    const once = mergeResults("", input("runc", runc));
    const both = mergeResults(once, input("runsc", runsc));
    expect(both).toContain("| docker runc | docker runsc | Notes |");
    expect(both).toMatch(
      new RegExp(`\\| \`${second}\` .* \\| LEAKED \\| held \\| docker runc: a b c \\|`),
    );
    expect(mergeResults(both, input("runc", runc))).toBe(both);
    const mended = mergeResults(both, input("runc", [result(`${second}`, "held")]));
    expect(mended).not.toContain("| LEAKED");
    expect(mended).toContain("docker runsc: Only there");
  });
});
