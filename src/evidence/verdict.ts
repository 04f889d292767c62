import { formatKey, type SuiteRun } from "../check/suite.ts";
import { breaksBuild, type Checks } from "./checks.ts";
import type { Gate } from "./gate.ts";
import { type Override, openFindings, splitOldTests } from "./override.ts";
import type { Change, Classified } from "./tests/classify.ts";
import type { Runs } from "./tests/fail-to-pass.ts";

export type Verdict = "verified" | "verified_weak" | "verified_no_new_test" | "unverified";

/** Why a patch is unverified. `id` is stable; `detail` is Dunlin's own sentence. */
export type Reason = { readonly id: string; readonly detail: string };

export type Judged = { readonly verdict: Verdict; readonly reasons: readonly Reason[] };

type Facts = {
  readonly runs: Runs;
  readonly tests: Classified;
  readonly gates: readonly Gate[];
  /** Left out before R6. */
  readonly checks?: Checks;
  /** Of people; what they accept counts no more. All other rules stand: nobody can accept a failing test. */
  readonly overrides?: readonly Override[];
};

/** A condition that every verdict but `unverified` needs: a sentence when it does not hold. */
type Rule = { readonly id: string; broken(facts: Facts): string | false };

const RULES: readonly Rule[] = [
  {
    id: "base-incomplete",
    broken: ({ runs }) =>
      (runs.first.end !== "exit" || runs.second.end !== "exit") &&
      "The base's suite did not run to its end twice, so there is nothing to compare with.",
  },
  {
    id: "head-incomplete",
    broken: ({ runs }) =>
      runs.head.end !== "exit" && `The head's suite did not run to its end (${runs.head.end}).`,
  },
  {
    id: "report-cut-short",
    broken: ({ runs }) =>
      onHead(runs).some(({ integrity }) => !integrity.ended) &&
      "On the head, the test runner never said that it was done, so its report may lack failures.",
  },
  {
    id: "report-forged",
    broken: ({ runs }) => {
      const foreign = onHead(runs).reduce((sum, { integrity }) => sum + integrity.foreign, 0);
      return (
        foreign > 0 &&
        `On the head, ${foreign} ${foreign === 1 ? "part" : "parts"} of the report did not come from the runner that Dunlin started, or were changed after it.`
      );
    },
  },
  {
    id: "no-tests-reported",
    broken: ({ tests: { counts } }) =>
      Math.min(ran(counts.first), ran(counts.second), ran(counts.head)) === 0 &&
      "No results test by test could be read from the suite.",
  },
  {
    id: "fewer-tests",
    broken: ({ tests: { counts } }) => {
      const before = Math.min(ran(counts.first), ran(counts.second));
      return (
        ran(counts.head) < before && `The head ran ${ran(counts.head)} tests, the base ${before}.`
      );
    },
  },
  {
    id: "regression",
    broken: ({ tests }) => some(tests.passToFail, "passed on the base and failed on the head"),
  },
  {
    id: "skipped",
    broken: ({ tests }) => some(tests.passToSkip, "ran on the base and was skipped on the head"),
  },
  {
    id: "removed",
    broken: ({ runs, tests }) =>
      some(notReplaced(runs, tests), "of the base did not appear on the head"),
  },
  {
    id: "new-failure",
    broken: ({ tests }) => some(tests.newToFail, "that did not run on the base failed on the head"),
  },
  {
    id: "old-tests",
    broken: ({ tests }) => some(tests.oldToFail, "of the base, as it has them, failed on the head"),
  },
  {
    id: "unexplained-exit",
    broken: ({ runs }) =>
      unexplained(runs.head) &&
      !(unexplained(runs.first) && unexplained(runs.second)) &&
      `The head's test command exited with ${runs.head.exitCode} although no test was reported as failed.`,
  },
  {
    id: "build",
    broken: ({ checks }) =>
      checks !== undefined &&
      breaksBuild(checks) &&
      "The base can be built and the head can't, by the same command.",
  },
  {
    id: "gate",
    broken: ({ gates }) => {
      const blocked = new Set(gates.filter(({ result }) => result === "block").map(({ id }) => id));
      return (
        blocked.size > 0 &&
        `The patch treats the tests in a way that needs a person: ${[...blocked].join(", ")}.`
      );
    },
  },
];

/** `unverified` when any rule is broken; else by the strongest fail-to-pass test. */
export function judge(facts: Facts): Judged {
  const open = withoutAccepted(facts);
  const reasons = RULES.flatMap(({ id, broken }) => {
    const detail = broken(open);
    return detail === false ? [] : [{ id, detail }];
  });
  if (reasons.length > 0) return { verdict: "unverified", reasons };
  const strengths = facts.tests.failToPass.map((test) => test.strength);
  if (strengths.includes("strong")) return { verdict: "verified", reasons };
  return { verdict: strengths.length > 0 ? "verified_weak" : "verified_no_new_test", reasons };
}

function withoutAccepted(facts: Facts): Facts {
  const { gates, tests, overrides = [] } = facts;
  if (overrides.length === 0) return facts;
  const { open } = splitOldTests({ gates, overrides }, tests.oldToFail);
  return {
    ...facts,
    gates: openFindings({ gates, overrides }),
    tests: { ...tests, oldToFail: open },
  };
}

/**
 * A test that was renamed or rewritten passes with the fix as it was, and what stands in its place in the file passes
 * without the fix as it did: then nothing is lost that it asked for. A test that proves the fix stands in no place.
 */
function notReplaced({ old }: Runs, { removed, newToPass }: Classified): readonly Change[] {
  if (old === null || old.end !== "exit") return removed;
  const passing = new Set(
    old.tests.filter(({ status }) => status === "pass").map(({ key }) => formatKey(key)),
  );
  const left = new Map<string, number>();
  for (const { key } of newToPass) left.set(key.file, (left.get(key.file) ?? 0) + 1);
  return removed.filter(({ key }) => {
    const places = left.get(key.file) ?? 0;
    left.set(key.file, places - 1);
    return places <= 0 || !passing.has(formatKey(key));
  });
}

/** Every run whose passes count for the patch. */
function onHead({ head, again, old }: Runs): readonly SuiteRun[] {
  return [head, ...again.map(({ suite }) => suite), ...(old === null ? [] : [old])];
}

function ran(counts: { readonly total: number; readonly skip: number }): number {
  return counts.total - counts.skip;
}

function some(tests: readonly unknown[], what: string): string | false {
  return tests.length > 0 && `${tests.length} ${tests.length === 1 ? "test" : "tests"} ${what}.`;
}

function unexplained(run: SuiteRun): boolean {
  return (
    run.end === "exit" && run.exitCode !== 0 && !run.tests.some((test) => test.status === "fail")
  );
}
