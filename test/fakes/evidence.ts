import { changedDependencies } from "../../src/evidence/dependencies.ts";
import type { Evidence } from "../../src/evidence/evidence.ts";
import { EVIDENCE_SCHEMA, recordsOf } from "../../src/evidence/evidence.ts";
import type { ChangedFile } from "../../src/evidence/gate.ts";
import { judgeGates, shapesOf } from "../../src/evidence/gates.ts";
import { NO_LOOK } from "../../src/evidence/runs/closer-look.ts";
import { classify } from "../../src/evidence/tests/classify.ts";
import type { Runs, TouchedTests } from "../../src/evidence/tests/fail-to-pass.ts";
import { testChanges } from "../../src/evidence/tests/test-changes.ts";
import { judge } from "../../src/evidence/verdict.ts";
import { facts } from "./evidence-facts.ts";
import { suiteRun } from "./suite-run.ts";

const before = {
  "test/dotted.js > dotted alias": "pass",
  "test/proto.js > proto pollution": "pass",
} as const;
const bug = "test/proto.js > proto pollution (constructor function)";

/** The runs of a good fix of a prototype pollution, as its package's suite would show them. */
export const runsOfGoodFix: Runs = {
  first: suiteRun(before),
  second: suiteRun(before, { durationMs: 1300 }),
  onBase: suiteRun(
    { "test/proto.js > proto pollution": "pass", [bug]: "assertion" },
    { command: "npm test -- test/proto.js" },
  ),
  onBaseData: null,
  alone: [],
  onBaseVaried: suiteRun({ "test/proto.js > proto pollution": "pass", [bug]: "assertion" }),
  head: suiteRun({ ...before, [bug]: "pass" }, { logTail: "ok 3\n# pass 3" }),
  again: [
    {
      files: ["test/proto.js"],
      variation: "usual",
      suite: suiteRun({ "test/proto.js > proto pollution": "pass", [bug]: "pass" }),
    },
  ],
  old: null,
};
export const touchedByGoodFix: TouchedTests = {
  paths: ["test/proto.js"],
  existing: ["test/proto.js"],
};

/** Evidence as the matrix would assemble it. */
export function evidenceOf(
  runs: Runs = runsOfGoodFix,
  touched: TouchedTests = touchedByGoodFix,
  more: Partial<Evidence> & { readonly files?: readonly ChangedFile[] } = {},
): Evidence {
  const { files = [], ...rest } = more;
  const tests = classify(runs, touched);
  const gates = judgeGates(files);
  return {
    schema: EVIDENCE_SCHEMA,
    measuredSha256: null,
    ...facts,
    isolation: {
      provider: "docker",
      runtime: "runsc",
      userNamespace: true,
      weak: false,
      imageDigest: "sha256:0a1b",
      networkMode: "none",
    },
    commands: recordsOf(runs),
    dependencies: changedDependencies(files),
    tests,
    gates,
    testChanges: testChanges(shapesOf(files)),
    hunks: [],
    coverage: { notMeasured: "No changed line of the source was looked at." },
    checks: NO_LOOK.checks,
    overrides: [],
    supersedes: null,
    ...judge({ runs, tests, gates }),
    ...rest,
  };
}
