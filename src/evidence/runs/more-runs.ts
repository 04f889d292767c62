import type { SuiteRun, TestKey } from "../../check/suite.ts";
import { sumRefusals } from "../../sandbox/egress.ts";
import { roleOf } from "../../workspace/file-role.ts";
import type { FileChange, Patch } from "../../workspace/patch.ts";
import type { FailToPass, Runs } from "../tests/fail-to-pass.ts";
import { type MatrixOptions, type MatrixPorts, runTree, type TreeRun } from "./fresh-sandbox.ts";
import { inParallel } from "./in-parallel.ts";
import { headOf, repeatOf, repeatsOf, type Targeted } from "./targeted.ts";

/** Of the patch, what is neither a test nor tells how tests are run. */
function isKeptBesideOldTests({ path }: FileChange): boolean {
  return ["source", "manifest", "lock"].includes(roleOf(path));
}

/** R4 when it is called for, and R3 for untouched tests that pass now: it is proof only if they do so again. */
export async function runMore(
  ports: MatrixPorts,
  options: MatrixOptions & { readonly patch: Patch },
  wanted: {
    readonly old: boolean;
    readonly files: readonly string[];
    /** Tests to run without the others of their files. */
    readonly alone: readonly TestKey[];
  },
): Promise<Pick<Targeted, "again" | "refusals"> & Pick<Runs, "old" | "alone">> {
  const { patch } = options;
  const old = runTree(ports, options, {
    line: "running the base's own tests on the head",
    under: ["usual"],
    prepare: headOf(ports, patch.changes.filter(isKeptBesideOldTests)),
  });
  const line = "running the tests that failed before on the head, three times";
  const repeat = runTree(ports, options, repeatOf(ports, patch, wanted.files, line));
  const single = runTree(ports, options, {
    line: "running tests of the patch one by one",
    under: [],
    alone: wanted.alone,
    prepare: headOf(ports, patch.changes),
  });
  const none = async () => undefined;
  const [oldRun, repeated, singles] = await inParallel<TreeRun | undefined>(
    [
      wanted.old ? old : none,
      wanted.files.length > 0 ? repeat : none,
      wanted.alone.length > 0 ? single : none,
    ],
    options,
  );
  return {
    old: oldRun?.suites[0] ?? null,
    again: repeatsOf(wanted.files, repeated?.suites ?? []),
    alone: wanted.alone.flatMap((key, index) => {
      const suite = singles?.suites[index];
      return suite === undefined ? [] : [{ key, suite }];
    }),
    refusals: [oldRun, repeated, singles].map((one) => one?.refusals ?? []).reduce(sumRefusals),
  };
}

const MAX_ALONE = 4;

/** Of the strong proofs those that stand beside other tests; none where one stands by itself, which is enough. */
export function testsWithCompany(
  proofs: readonly FailToPass[],
  { tests }: SuiteRun,
): readonly TestKey[] {
  const strong = proofs.filter(({ strength, key }) => strength === "strong" && key.file !== "");
  const hasCompany = ({ key: { file } }: FailToPass) =>
    tests.filter(({ key }) => key.file === file).length > 1;
  if (!strong.every(hasCompany)) return [];
  return strong.slice(0, MAX_ALONE).map(({ key }) => key);
}
