import type { SuiteRun } from "../../src/check/suite.ts";
import type { Gate } from "../../src/evidence/gate.ts";
import type { Variation } from "../../src/evidence/runs/variation.ts";
import { classify } from "../../src/evidence/tests/classify.ts";
import type { Runs, TouchedTests } from "../../src/evidence/tests/fail-to-pass.ts";
import { judge } from "../../src/evidence/verdict.ts";
import type { Outcomes } from "./suite-run.ts";
import { suiteRun } from "./suite-run.ts";

export type Case = {
  readonly first: Outcomes;
  readonly second?: Outcomes;
  readonly onBase?: Outcomes;
  readonly head: Outcomes;
  readonly onBaseVaried?: Outcomes;
  readonly onBaseData?: Outcomes;
  /** Names of tests in the first file of `touched`. */
  readonly alone?: readonly (readonly [string, Outcomes])[];
  /** R3, in the files of `touched`. */
  readonly again?: readonly (readonly [Variation, Outcomes])[];
  readonly old?: Outcomes;
  readonly facts?: Partial<Record<"first" | "second" | "onBase" | "head", Partial<SuiteRun>>>;
  readonly touched?: TouchedTests;
  readonly gates?: readonly Gate[];
};

export const added: TouchedTests = { paths: ["t/new.js"], existing: [] };
export const changed: TouchedTests = { paths: ["t/a.js"], existing: ["t/a.js"] };

export function judged(one: Case) {
  const touched = one.touched ?? { paths: [], existing: [] };
  const runs: Runs = {
    first: suiteRun(one.first, one.facts?.first),
    second: suiteRun(one.second ?? one.first, one.facts?.second),
    onBase: one.onBase === undefined ? null : suiteRun(one.onBase, one.facts?.onBase),
    onBaseVaried: one.onBaseVaried === undefined ? null : suiteRun(one.onBaseVaried),
    onBaseData: one.onBaseData === undefined ? null : suiteRun(one.onBaseData),
    alone: (one.alone ?? []).map(([name, outcomes]) => ({
      key: { file: touched.paths[0] ?? "", name, ordinal: 1 },
      suite: suiteRun(outcomes),
    })),
    head: suiteRun(one.head, one.facts?.head),
    again: (one.again ?? []).map(([variation, outcomes]) => ({
      files: touched.paths,
      variation,
      suite: suiteRun(outcomes),
    })),
    old: one.old === undefined ? null : suiteRun(one.old),
  };
  const tests = classify(runs, touched);
  return { tests, ...judge({ runs, tests, gates: one.gates ?? [] }) };
}

/** A new test in a new file that fails on the base by assertion: as good as it gets. */
export const good: Case = {
  first: { "t/a.js > one": "pass" },
  onBase: { "t/new.js > bug": "assertion" },
  head: { "t/a.js > one": "pass", "t/new.js > bug": "pass" },
  touched: added,
};
