import type { Break } from "../break.ts";

const LOOK = { test: "test/unit/evidence/runs/closer-look.test.ts" } as const;
const SEALED = {
  promise: "sealed-reports",
  file: "src/check/reports/sealed-lines.ts",
  test: "test/unit/check/reports/sealed-lines.test.ts",
} as const;
const VERDICT = {
  promise: "sealed-reports",
  file: "src/evidence/verdict.ts",
  test: "test/unit/evidence/verdict.test.ts",
} as const;

/** What is looked at beyond the proof, and whether a report may be believed at all. */
export const closerLookBreaks: readonly Break[] = [
  {
    ...LOOK,
    id: "every-hunk-needed",
    promise: "untested-change",
    file: "src/evidence/runs/revert-hunks.ts",
    find: "neededBy: notPassed(suite, options.proofs)",
    replace: "neededBy: options.proofs.slice(suite.tests.length > 0 ? 0 : 1)",
    name: "tell which tests need them",
  },
  {
    ...LOOK,
    id: "no-control-run",
    promise: "untested-change",
    file: "src/evidence/runs/revert-hunks.ts",
    find: "if (notPassed(control, options.proofs).length === 0) return",
    replace: "if (control.durationMs >= 0) return",
    name: "claim nothing when the tests fail with the whole change",
  },
  {
    ...LOOK,
    id: "missed-lines-not-named",
    promise: "untested-change",
    file: "src/evidence/coverage.ts",
    find: "return never.length === 0 ? []",
    replace: "return never.length >= 0 ? []",
    name: "that no test runs are named",
  },
  {
    ...LOOK,
    id: "broken-build-let-through",
    promise: "checks-compared",
    file: "src/evidence/checks.ts",
    find: "succeeded(build.base) && !succeeded(build.head)",
    replace: "succeeded(build.base) && succeeded(build.head) && false",
    name: "make a change unverified that can't be built any more",
  },
  {
    ...LOOK,
    id: "old-complaints-are-news",
    promise: "checks-compared",
    file: "src/evidence/checks.ts",
    find: "const left = known.get(one) ?? 0;",
    replace: "const left = 0;",
    name: "know what it complained about",
  },
  {
    ...SEALED,
    id: "any-seal-will-do",
    find: "return SEAL.test(line) &&",
    replace: "return SEAL.test(line) ||",
    name: "a line taken out",
  },
  {
    ...SEALED,
    id: "no-end-needed",
    find: "return lines.length <= 1 ||",
    replace: "return lines.length > 0 ||",
    name: "knows when a runner never said that it was done",
  },
  {
    ...VERDICT,
    id: "cut-short-let-through",
    find: "onHead(runs).some(({ integrity }) => !integrity.ended)",
    replace: "onHead(runs).some(({ integrity }) => integrity.foreign < 0)",
    name: "unverified by rule report-cut-short",
  },
  {
    ...VERDICT,
    id: "forged-let-through",
    find: "foreign > 0 &&",
    replace: "foreign < 0 &&",
    name: "unverified by rule report-forged",
  },
];
