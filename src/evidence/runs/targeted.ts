import type { SuiteRun, TestResult } from "../../check/suite.ts";
import { formatKey } from "../../check/suite.ts";
import type { EgressRefusal } from "../../sandbox/egress.ts";
import { sumRefusals } from "../../sandbox/egress.ts";
import { roleOf, touchesDependencies } from "../../workspace/file-role.ts";
import type { FileChange, Patch } from "../../workspace/patch.ts";
import type { Baseline } from "./baseline.ts";
import { type MatrixOptions, type MatrixPorts, runTree, type Tree } from "./fresh-sandbox.ts";
import { inParallel } from "./in-parallel.ts";
import type { Variation } from "./variation.ts";

const ON_BASE: readonly Variation[] = ["usual", "far-east"];
const AGAIN: readonly Variation[] = ["usual", "far-east", "far-west"];

/** Tests of some files on the head, once more. */
export type Repeat = {
  readonly files: readonly string[];
  readonly variation: Variation;
  readonly suite: SuiteRun;
};

/** R1 and R3: the patch's tests alone, without the fix and with it. */
export type Targeted = {
  /** As usual, then varied; null when the patch has no tests to run. */
  readonly onBase: SuiteRun | null;
  readonly onBaseVaried: SuiteRun | null;
  /** With all that the patch changes but code; null when that is nothing more. */
  readonly onBaseData: SuiteRun | null;
  readonly again: readonly Repeat[];
  readonly refusals: readonly EgressRefusal[];
};

/** The changed test files that a runner can be given. */
export function testFilesOf({ changes }: Patch): readonly string[] {
  return testsOf(changes)
    .filter(isRunnable)
    .map((change) => change.path);
}

export function testsOf(changes: readonly FileChange[]): readonly FileChange[] {
  return changes.filter((change) => roleOf(change.path) === "test");
}

/** Runs only the patch's tests, so that a change that can't be proven comes back in seconds. */
export async function runTargeted(
  ports: MatrixPorts,
  options: MatrixOptions & { readonly patch: Patch },
): Promise<Targeted> {
  const { patch } = options;
  const files = testFilesOf(patch);
  if (files.length === 0)
    return { onBase: null, onBaseVaried: null, onBaseData: null, again: [], refusals: [] };
  const onBase: Tree = {
    line: "running the patch's tests on the base",
    files,
    under: ON_BASE,
    prepare: (sandbox) => ports.applyChanges(sandbox, testsOf(patch.changes)),
  };
  const data = patch.changes.filter(isData);
  const onBaseData: Tree = {
    line: "running them there with the patch's data and nothing of its code",
    files,
    under: ["usual"],
    prepare: (sandbox) => ports.applyChanges(sandbox, [...testsOf(patch.changes), ...data]),
  };
  const line = "running the patch's tests on the head, three times";
  const mayBeEnough = data.length > 0 && patch.changes.some(isSourceCode);
  const [base, head, withData] = await inParallel(
    [
      runTree(ports, options, onBase),
      runTree(ports, options, repeatOf(ports, patch, files, line)),
      ...(mayBeEnough ? [runTree(ports, options, onBaseData)] : []),
    ],
    options,
  );
  const [usual = null, varied = null] = base?.suites ?? [];
  return {
    onBase: usual,
    onBaseVaried: varied,
    onBaseData: withData?.suites[0] ?? null,
    again: repeatsOf(files, head?.suites ?? []),
    refusals: [base, head, withData].map((one) => one?.refusals ?? []).reduce(sumRefusals),
  };
}

/** R3: these files' tests on the head, under each variation. */
export function repeatOf(
  ports: MatrixPorts,
  { changes }: Patch,
  files: readonly string[],
  line: string,
): Tree {
  return { line, files, under: AGAIN, prepare: headOf(ports, changes) };
}

export function repeatsOf(
  files: readonly string[],
  suites: readonly SuiteRun[],
): readonly Repeat[] {
  return suites.map((suite, index) => ({ files, variation: AGAIN[index] ?? "usual", suite }));
}

/** Makes the head, or what these changes make of the base, with the packages that they ask for. */
export function headOf(
  ports: MatrixPorts,
  changes: readonly FileChange[],
): NonNullable<Tree["prepare"]> {
  return async (sandbox, signal) => {
    await ports.applyChanges(sandbox, changes);
    if (touchesDependencies(changes)) await ports.installAgain(sandbox, signal);
  };
}

const MAX_NAMED = 10;

/** Why the whole suite needn't run. `detail` is for who made the patch. */
export type TargetedProblem = { readonly kind: "failure" | "no-proof"; readonly detail: string };

export function targetedProblem(
  { onBase, again }: Targeted,
  { first, second }: Baseline,
): TargetedProblem | undefined {
  const head = again[0]?.suite;
  if (head === undefined || onBase === null) return undefined;
  if (head.end !== "exit") {
    return failure(`The patch's tests did not run to their end (${head.end}).`);
  }
  const before = new Set([first, second].flatMap(({ tests }) => tests.filter(isFailed)).map(keyOf));
  const failed = head.tests.filter((test) => isFailed(test) && !before.has(keyOf(test)));
  if (failed.length > 0) return failure(`Tests of the patch fail with it:\n${named(failed)}`);
  const passesWithout = onBase.end === "exit" && onBase.exitCode === 0 && onBase.tests.length > 0;
  // Where the base has failures, a test that the patch leaves alone may be the proof.
  if (!passesWithout || before.size > 0) return undefined;
  const detail =
    "Every test of the patch passes without the change as well, so none of them shows the bug.";
  return { kind: "no-proof", detail };
}

function failure(detail: string): TargetedProblem {
  return { kind: "failure", detail };
}

function isFailed({ status }: TestResult): boolean {
  return status === "fail";
}

function keyOf({ key }: TestResult): string {
  return formatKey(key);
}

function named(tests: readonly TestResult[]): string {
  const shown = tests.slice(0, MAX_NAMED).map((test) => {
    return `- ${formatKey(test.key)}: ${test.failure?.message ?? ""}`;
  });
  const more = tests.length - shown.length;
  return [...shown, ...(more > 0 ? [`- and ${more} more`] : [])].join("\n");
}

const CODE = /\.(?:[cm]?[jt]sx?|py|go|rs|java|kt|rb|php|cc?|cpp|h|cs|swift|vue|svelte|wasm|sh)$/;

function isSourceCode({ path }: FileChange): boolean {
  return roleOf(path) === "source" && CODE.test(path);
}

/** What a program may read. The packages that a manifest asks for stay as they are. */
function isData({ path }: FileChange): boolean {
  return ["source", "manifest"].includes(roleOf(path)) && !CODE.test(path);
}

/** In the languages whose runners can be given files. */
const RUNNABLE = /\.(?:[cm]?[jt]sx?|py|go|rs|java|kt|groovy|rb|php)$/;

function isRunnable(change: FileChange): boolean {
  return change.kind === "write" && change.mode !== "120000" && RUNNABLE.test(change.path);
}
