import type { Break } from "../break.ts";

const QUESTION = {
  promise: "same-baseline",
  file: "src/run/saved-baselines.ts",
  test: "test/unit/run/measure-baseline.test.ts",
} as const;
const STEADY = { ...QUESTION, test: "test/unit/run/saved-baselines.test.ts" };
const MEASURE = { ...QUESTION, file: "src/run/measure-baseline.ts" };

/** What one run measured on the base and another one believes. */
export const savedBaselineBreaks: readonly Break[] = [
  {
    ...QUESTION,
    id: "baseline-of-any-commit",
    find: "({ project, ...asked }: BaselineQuestion)",
    replace: "({ project, baseSha: _, ...asked }: BaselineQuestion)",
    name: "another commit, image, command, setting, dependency or limit is measured itself",
  },
  {
    ...QUESTION,
    id: "baseline-of-any-repository",
    find: "({ project, ...asked }: BaselineQuestion)",
    replace: "({ project, repositoryId: _, ...asked }: BaselineQuestion)",
    name: "what another repository measured is not used",
  },
  {
    ...STEADY,
    id: "baseline-unsteady",
    find: "return isWhole && outcomeOf(first) === outcomeOf(second);",
    replace: "return isWhole;",
    name: "what they don't agree on isn't",
  },
  {
    ...MEASURE,
    id: "baseline-without-its-log",
    find: "of [known.baseline, ...known.logs])",
    replace: "of [known.baseline])",
    name: "what is a week old, damaged or gone is measured anew",
  },
  {
    ...MEASURE,
    id: "baseline-unsaid",
    find: "run.findings = [...ready.project.findings, ...findings];",
    replace: "run.findings = ready.project.findings.concat(findings.slice(1));",
    name: "what one run measured serves the next on the same base",
  },
];
