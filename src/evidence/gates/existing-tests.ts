import type { Finding, ShapedFile } from "../gate.ts";
import type { Token } from "../tests/source-scan.ts";
import { markAt } from "../tests/source-scan.ts";
import type { TestBlock } from "../tests/test-shape.ts";

/** Ways to leave a test early or to catch what it throws; adding one to a test that existed blocks. */
const WAYS_OUT: readonly { readonly what: string; count(tokens: readonly Token[]): number }[] = [
  { what: "a return", count: (tokens) => words(tokens, "return") },
  { what: "a try", count: (tokens) => words(tokens, "try") },
  { what: "a catch", count: (tokens) => words(tokens, "catch") },
  { what: "a lower number of planned assertions", count: (tokens) => -planned(tokens) },
];

/** Compares tests of the same title: lines added pass, lines changed are flagged, a way out blocks. */
export function existingTests(files: readonly ShapedFile[]): readonly Finding[] {
  return files.filter((file) => file.isTest && file.existed).flatMap(inFile);
}

function inFile(file: ShapedFile): readonly Finding[] {
  const base = new Map(file.base.tests.map((test) => [test.key, test]));
  const matched = file.head.tests.flatMap((test) => {
    const before = base.get(test.key);
    return before === undefined ? [] : compare(file.path, before, test);
  });
  if (
    matched.length > 0 ||
    file.head.tokens.length === 0 ||
    added(file.base.tokens, file.head.tokens)
  )
    return matched;
  return [flag(file.path, "Lines outside of the existing tests were changed or removed.")];
}

function compare(path: string, before: TestBlock, after: TestBlock): readonly Finding[] {
  const ways = WAYS_OUT.filter(({ count }) => count(after.tokens) > count(before.tokens)).map(
    ({ what }) => ({
      gate: "no-way-around" as const,
      result: "block" as const,
      detail: `An existing test gained ${what}: ${after.title}`,
      path,
      line: after.line,
    }),
  );
  if (added(before.tokens, after.tokens)) return ways;
  return [...ways, flag(path, `An existing test was changed: ${after.title}`, after.line)];
}

function flag(path: string, detail: string, line?: number): Finding {
  return { gate: "existing-tests-unchanged", result: "flag", detail, path, ...(line && { line }) };
}

/** Whether the head is the base with whole lines added, formatting and comments aside. */
function added(before: readonly Token[], after: readonly Token[]): boolean {
  const wanted = lines(before);
  let at = 0;
  for (const line of lines(after)) if (line === wanted[at]) at++;
  return at === wanted.length;
}

function lines(tokens: readonly Token[]): readonly string[] {
  const byLine = new Map<number, string>();
  for (const token of tokens)
    byLine.set(token.line, `${byLine.get(token.line) ?? ""} ${token.text}`);
  return [...byLine.values()];
}

function words(tokens: readonly Token[], text: string): number {
  return tokens.filter((token) => token.kind === "word" && token.text === text).length;
}

/** The sum of `plan(n)`; a plan that is gone counts as none. */
function planned(tokens: readonly Token[]): number {
  return tokens.reduce((sum, token, at) => {
    const isPlan = token.kind === "word" && token.text === "plan" && markAt(tokens, at + 1) === "(";
    return sum + (isPlan ? Number(tokens[at + 2]?.text ?? 0) || 0 : 0);
  }, 0);
}
