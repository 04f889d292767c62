import type { ChangedFile, Finding } from "../gate.ts";
import { isCode } from "../gate.ts";

/** What can be said of whole files: deleted tests, changed configuration, changed fixtures, unreadable tests. */
export function fileChanges(files: readonly ChangedFile[]): readonly Finding[] {
  return files.flatMap((file) => {
    const { path, role } = file;
    if (role === "config" || role === "manager") {
      const detail = "The configuration of the test runner or the package manager was changed.";
      return [{ gate: "runner-config-unchanged", result: "block", detail, path }];
    }
    return role === "test" ? testFile(file) : role === "source" ? sourceFile(file) : [];
  });
}

function sourceFile({ path, head }: ChangedFile): readonly Finding[] {
  if (head.kind !== "opaque" || !isCode(path)) return [];
  const detail = `This source file can't be examined: ${head.why}.`;
  return [{ gate: "readable", result: "flag", detail, path }];
}

function testFile({ path, base, head }: ChangedFile): readonly Finding[] {
  const opaque = [base, head].find((side) => side.kind === "opaque");
  if (head.kind === "absent") {
    const detail = "A test file was deleted.";
    return base.kind === "absent" ? [] : [{ gate: "tests-kept", result: "block", detail, path }];
  }
  if (opaque?.kind === "opaque" && isCode(path)) {
    const detail = `This test file can't be examined: ${opaque.why}.`;
    return [{ gate: "readable", result: "block", detail, path }];
  }
  if (base.kind === "absent" || isCode(path) || path.endsWith(".snap")) return [];
  const detail = "A file that existing tests may read was changed.";
  return [{ gate: "existing-tests-unchanged", result: "flag", detail, path }];
}
