import type { Unapplied } from "../workspace/patch-between.ts";
import type { ChangedFile, Finding, Gate, GateId, ShapedFile } from "./gate.ts";
import { gateIds, isCode } from "./gate.ts";
import { answers } from "./gates/answers.ts";
import { dependencies } from "./gates/dependencies.ts";
import { existingTests } from "./gates/existing-tests.ts";
import { fileChanges } from "./gates/file-changes.ts";
import { keptAssertions } from "./gates/kept-assertions.ts";
import { keptTests } from "./gates/kept-tests.ts";
import { otherLanguages } from "./gates/other-languages.ts";
import { peopleChanges } from "./gates/people-changes.ts";
import { ruses } from "./gates/ruses.ts";
import { snapshots } from "./gates/snapshots.ts";
import { movedTests } from "./tests/moved-tests.ts";
import { testShape } from "./tests/test-shape.ts";

const MAX_FINDINGS = 50;
const PASSED: Readonly<Record<GateId, string>> = {
  "nothing-skipped": "No test was skipped, focused or marked as to do.",
  "tests-kept": "No test file or test was removed.",
  "assertions-kept": "Every assertion that stood in a changed test file still stands as it was.",
  "no-way-around": "No test got a way around its assertions.",
  "existing-tests-unchanged": "Tests that existed were only added to.",
  "snapshots-kept": "No recorded snapshot was changed or removed.",
  "runner-config-unchanged": "The test runner's configuration is as it was.",
  "source-ignores-tests": "The source doesn't ask whether it is being tested.",
  "runner-untouched": "Nothing replaces assertions, the clock or the runner.",
  "dependencies-unchanged": "No package was added, taken away or moved to another version.",
  "built-from-source": "No built file was changed.",
  readable: "Every changed file of code could be read.",
};

/**
 * Judges how a patch treats the tests. Works on tokens, not on a syntax tree, so the rules err on the safe side: an
 * existing assertion that reads differently blocks, for it may be a loosened one, unless the tests as they were pass with
 * the fix; an addition to an existing file passes; any other change of an existing test is flagged. It can't see a test's
 * meaning, titles or markers made at run time, code run through `eval`, or what a changed fixture means.
 */
export function judgeGates(
  files: readonly ChangedFile[],
  known: { readonly oldTestsHold: boolean; readonly unapplied?: readonly Unapplied[] } = {
    oldTestsHold: false,
  },
): readonly Gate[] {
  const shaped = shapesOf(files);
  const moved = movedTests(shaped);
  const findings = [
    ...fileChanges(files, shaped, moved),
    ...peopleChanges(files, known.unapplied ?? []),
    ...dependencies(files),
    ...snapshots(files),
    ...keptTests(shaped, moved),
    ...keptAssertions(shaped),
    ...existingTests(shaped),
    ...ruses(shaped),
    ...answers(files, shaped),
    ...otherLanguages(files),
  ];
  return gateIds.flatMap((id) =>
    gatesOf(
      id,
      findings
        .filter((finding) => finding.gate === id)
        .map((finding) => (known.oldTestsHold ? answered(finding) : finding)),
    ),
  );
}

function answered(finding: Finding): Finding {
  if (finding.answeredByOldTests !== true) return finding;
  const detail = `${finding.detail} (The tests as they were pass with the fix.)`;
  return { ...finding, result: "flag", detail };
}

/** The changed files of code that can be read. */
export function shapesOf(files: readonly ChangedFile[]): readonly ShapedFile[] {
  return files.filter((file) => isCode(file.path)).flatMap(shape);
}

function gatesOf(id: GateId, findings: readonly Finding[]): readonly Gate[] {
  if (findings.length === 0)
    return [{ id, result: "pass", detail: PASSED[id], path: null, line: null, finding: null }];
  const worstFirst = findings.toSorted(
    (a, b) => Number(a.result === "flag") - Number(b.result === "flag"),
  );
  return worstFirst.slice(0, MAX_FINDINGS).map(({ result, detail, path, line }) => ({
    id,
    result,
    detail,
    path,
    line: line ?? null,
    finding: null,
  }));
}

function shape(file: ChangedFile): readonly ShapedFile[] {
  if (file.base.kind === "opaque" || file.head.kind === "opaque") return [];
  if (file.role !== "test" && file.role !== "source") return [];
  return [
    {
      path: file.path,
      isTest: file.role === "test",
      existed: file.base.kind === "text",
      base: testShape(file.base.kind === "text" ? file.base.text : ""),
      head: testShape(file.head.kind === "text" ? file.head.text : ""),
    },
  ];
}
