import type { ChangedFile, Finding, ShapedFile } from "../gate.ts";
import { isCode } from "../gate.ts";
import type { MovedTest } from "../tests/moved-tests.ts";

/** What can be said of whole files: deleted tests, changed configuration, changed fixtures, unreadable tests. */
export function fileChanges(
  files: readonly ChangedFile[],
  shaped: readonly ShapedFile[],
  moved: readonly MovedTest[],
): readonly Finding[] {
  const built = builtAlone(files);
  const emptied = new Set(shaped.filter((file) => isEmptied(file, moved)).map(({ path }) => path));
  const found = files.flatMap((file): readonly Finding[] => {
    const { path, role } = file;
    if (role === "config" || role === "manager") {
      const detail = "The configuration of the test runner or the package manager was changed.";
      return [{ gate: "runner-config-unchanged", result: "block", detail, path }];
    }
    return role === "test"
      ? testFile(file, emptied.has(path))
      : role === "source"
        ? sourceFile(file)
        : [];
  });
  return [...found, ...built];
}

const BUILT = /(?:^|\/)(?:dist|out|umd|bundle)\/|\.min\.[cm]?js$/;

/** What is built is changed by building: without its sources, the next build takes the change back. */
function builtAlone(files: readonly ChangedFile[]): readonly Finding[] {
  const source = files.filter(({ role }) => role === "source");
  const built = source.filter(({ path, base }) => BUILT.test(path) && base.kind !== "absent");
  const result = source.some(({ path }) => isCode(path) && !BUILT.test(path)) ? "flag" : "block";
  const detail =
    result === "block"
      ? "A built file was changed, and not what it is built from."
      : "A built file was changed by hand or by building; nothing shows that it fits its sources.";
  return built.map(({ path }) => ({ gate: "built-from-source", result, detail, path }));
}

function sourceFile({ path, head }: ChangedFile): readonly Finding[] {
  if (head.kind !== "opaque" || !isCode(path)) return [];
  const detail = `This source file can't be examined: ${head.why}.`;
  return [{ gate: "readable", result: "flag", detail, path }];
}

/** Whether all tests of a deleted file stand in others now. */
function isEmptied({ path, base, head }: ShapedFile, moved: readonly MovedTest[]): boolean {
  const left = moved.filter(({ from, to }) => from.path === path && to.path !== path);
  return head.tokens.length === 0 && base.tests.length > 0 && left.length === base.tests.length;
}

function testFile({ path, base, head }: ChangedFile, hasMoved: boolean): readonly Finding[] {
  const opaque = [base, head].find((side) => side.kind === "opaque");
  if (head.kind === "absent") {
    if (base.kind === "absent") return [];
    if (hasMoved) {
      const detail =
        "A test file was deleted; all of its tests stand in others now, word for word.";
      return [{ gate: "tests-kept", result: "flag", detail, path }];
    }
    return [{ gate: "tests-kept", result: "block", detail: "A test file was deleted.", path }];
  }
  if (opaque?.kind === "opaque" && isCode(path)) {
    const detail = `This test file can't be examined: ${opaque.why}.`;
    return [{ gate: "readable", result: "block", detail, path }];
  }
  if (base.kind === "absent" || isCode(path) || path.endsWith(".snap")) return [];
  const detail = "A file that existing tests may read was changed.";
  return [{ gate: "existing-tests-unchanged", result: "flag", detail, path }];
}
