import type { ChangedFile, Finding } from "../gate.ts";

/** How a program of another language finds out that it is being tested. */
const ASKS =
  /\b_?pytest\b|\bPYTEST_\w+|\bunittest\b|"test\.(?:v|run|\w+)"|\btesting\.Testing\(|\bDUNLIN_\w+|\bRUST_TEST_\w+|\bcfg!\(test\)|\bsurefire\b|\bCARGO_\w+RUNNER/;
const READ = /\.(?:py|go|rs|java|kt|rb|php)$/;
const MOST = 10;

/** Lines that a patch adds to sources of languages which are read by their words alone. */
export function otherLanguages(files: readonly ChangedFile[]): readonly Finding[] {
  return files
    .filter(({ path, role }) => role === "source" && READ.test(path))
    .flatMap(asksForTest);
}

function asksForTest({ path, base, head }: ChangedFile): readonly Finding[] {
  if (head.kind !== "text") return [];
  const known = new Set(base.kind === "text" ? base.text.split("\n") : []);
  const lines = head.text.split("\n").map((text, index) => ({ text, line: index + 1 }));
  const added = lines.filter(({ text }) => !known.has(text) && ASKS.test(text));
  return added.slice(0, MOST).map(({ text, line }) => ({
    gate: "source-ignores-tests",
    result: "block",
    detail: `The source asks whether it is being tested: ${text.trim().slice(0, 120)}`,
    path,
    line,
  }));
}
