import type { SuiteRun } from "../check/suite.ts";
import { sumRefusals } from "../sandbox/egress.ts";
import type { Patch } from "../workspace/patch.ts";
import type { Unapplied } from "../workspace/patch-between.ts";
import type { Basis } from "./basis.ts";
import { changedFile } from "./changed-file.ts";
import type { SideChecks } from "./checks.ts";
import { changedDependencies } from "./dependencies.ts";
import type { Evidence, EvidenceFacts } from "./evidence.ts";
import { EVIDENCE_SCHEMA, recordsOf } from "./evidence.ts";
import type { ChangedFile, Gate, GateId } from "./gate.ts";
import { judgeGates, shapesOf } from "./gates.ts";
import type { Baseline } from "./runs/baseline.ts";
import { lookCloser, NO_LOOK } from "./runs/closer-look.ts";
import {
  type MatrixOptions,
  type MatrixPorts,
  runTree,
  type TreeRun,
} from "./runs/fresh-sandbox.ts";
import { runMore, testsWithCompany } from "./runs/more-runs.ts";
import { headOf, runTargeted, type Targeted, testsOf } from "./runs/targeted.ts";
import { classify } from "./tests/classify.ts";
import type { Runs } from "./tests/fail-to-pass.ts";
import { movedTests } from "./tests/moved-tests.ts";
import { oldTestsHold } from "./tests/old-tests.ts";
import { testChanges } from "./tests/test-changes.ts";
import { weakTests } from "./tests/weak-tests.ts";
import { judge } from "./verdict.ts";

export type ProveOptions = MatrixOptions & {
  readonly baseline: Baseline;
  readonly patch: Patch;
  readonly facts: EvidenceFacts;
  /** What of the change is not in the patch because it can't be applied. */
  readonly unapplied?: readonly Unapplied[];
  /** When R1 and R3 have run already. */
  readonly targeted?: Targeted;
  /** Nobody will mend the change: what blocks it now, a person may accept later, so nothing else is left out. */
  readonly isLast?: boolean;
  /** When the base's half of R6 has run already. */
  readonly baseChecks?: SideChecks;
  /** Is given what the verdict follows from. */
  readonly onBasis?: (basis: Basis) => void;
};

/**
 * Runs what is left of the matrix, judges what came of it and returns it as evidence. R1: the base with the patch's
 * tests, those only. R2: the head's whole suite. R3: the patch's tests on the head, again and again. R4: the head with
 * the tests as the base has them, when the patch does more to those than to add. R5 and R6, and which lines ran, only
 * while the change may still be verified.
 */
export async function prove(ports: MatrixPorts, options: ProveOptions): Promise<Evidence> {
  const { baseline, patch, facts } = options;
  const targeted = options.targeted ?? (await runTargeted(ports, options));
  const { head, files } = await runHead(ports, options);
  const suspicions = judgeGates(files);
  const touched = {
    paths: testsOf(patch.changes).map((change) => change.path),
    existing: files.filter(isExistingTest).map((file) => file.path),
    moved: movedTests(shapesOf(files)),
    weak: weakTests(shapesOf(files)),
  };
  const seen: Runs = { ...baseline, ...targeted, head: head.suite, alone: [], old: null };
  const proofs = classify(seen, touched).failToPass;
  const untouched = proofs.filter(({ origin }) => origin === "existing");
  const more = await runMore(ports, options, {
    old: suspicions.some(isAboutOldTests),
    files: [...new Set(untouched.map(({ key }) => key.file))].filter((file) => file !== ""),
    alone: testsWithCompany(proofs, head.suite),
  });
  const again = [...seen.again, ...more.again];
  const runs: Runs = { ...seen, again, alone: more.alone, old: more.old };
  const tests = classify(runs, touched);
  const { unapplied = [] } = options;
  const holds = oldTestsHold(runs, touched.existing);
  const gates = judgeGates(files, { oldTestsHold: holds, unapplied });
  const isHopeless = isUnacceptable({ runs, tests, gates }, options.isLast === true);
  const look = isHopeless ? NO_LOOK : await lookCloser(ports, { ...options, files, runs, tests });
  const refused = [targeted, head, more, look].map((one) => one.refusals);
  options.onBasis?.({ runs, touched });
  return {
    schema: EVIDENCE_SCHEMA,
    measuredSha256: null,
    ...facts,
    refusals: refused.reduce(sumRefusals, facts.refusals),
    isolation: head.isolation,
    commands: [...recordsOf(runs), ...look.commands],
    dependencies: changedDependencies(files),
    tests,
    gates,
    testChanges: testChanges(shapesOf(files)),
    hunks: look.hunks,
    coverage: look.coverage,
    checks: look.checks,
    overrides: [],
    supersedes: null,
    ...judge({ runs, tests, gates, checks: look.checks }),
  };
}

/** Whether the closer look couldn't change the verdict, whatever it finds and whoever accepts what. */
function isUnacceptable(facts: Parameters<typeof judge>[0], isLast: boolean): boolean {
  const { runs, tests } = facts;
  const best = isLast ? { runs, tests: { ...tests, oldToFail: [] }, gates: [] } : facts;
  return judge(best).verdict === "unverified";
}

/** R2. The base's side of each changed file is read before anything has run in the sandbox. */
async function runHead(
  ports: MatrixPorts,
  options: ProveOptions,
): Promise<{ readonly head: OneRun; readonly files: readonly ChangedFile[] }> {
  const { signal, patch } = options;
  const files: ChangedFile[] = [];
  const run = runTree(ports, options, {
    line: "running the whole suite on the head",
    under: ["usual"],
    async prepare(sandbox) {
      files.length = 0; // a second sandbox, when the first was lost
      for (const change of patch.changes) files.push(await changedFile(sandbox, change));
      await headOf(ports, patch.changes)(sandbox, signal);
    },
  });
  return { head: onlySuite(await run(signal)), files };
}

type OneRun = Omit<TreeRun, "suites"> & { readonly suite: SuiteRun };

function onlySuite({ suites, ...run }: TreeRun): OneRun {
  const [suite] = suites;
  if (suite === undefined) throw new Error("A tree was run without a suite.");
  return { ...run, suite };
}

/** What calls for R4: something else was done to the base's tests than adding to them. */
function isAboutOldTests({ id, result }: Gate): boolean {
  return OLD_TESTS.includes(id) && result !== "pass";
}

const OLD_TESTS: readonly GateId[] = [
  "nothing-skipped",
  "tests-kept",
  "assertions-kept",
  "existing-tests-unchanged",
  "snapshots-kept",
  "runner-config-unchanged",
];

function isExistingTest({ role, base }: ChangedFile): boolean {
  return role === "test" && base.kind !== "absent";
}
