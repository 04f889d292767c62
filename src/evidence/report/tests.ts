import { formatKey } from "../../check/suite.ts";
import type { Evidence } from "../evidence.ts";
import type { Change, Counts } from "../tests/classify.ts";
import type { FailToPass } from "../tests/fail-to-pass.ts";
import type { TestChange } from "../tests/test-changes.ts";
import { bar, inlineCode, list, table } from "./markdown.ts";

/** The proof, a row a test: how it fails without the change, and what it does with it. */
export function failToPassTable(tests: readonly FailToPass[], most: number): string {
  if (tests.length === 0) return "";
  const rows = tests
    .toSorted((a, b) => Number(a.strength === "weak") - Number(b.strength === "weak"))
    .map((test) => [
      `${inlineCode(formatKey(test.key))} (${test.origin})`,
      `${onBase(test)}: ${test.base.reason}, ${inlineCode(test.base.message)}`,
      test.doubt === null ? "🟩 passes" : `🟨 passes, but ${test.doubt}`,
    ]);
  const page = table(["test", "on base", "on head"], rows, most);
  return `### Fails without the change, passes with it\n\n${page}`;
}

function onBase({ base }: FailToPass): string {
  const isShown = base.reason === "assertion" || base.reason === "exception";
  return isShown ? "🟥 fails" : "🟨 could not prove";
}

/** Each run of the matrix with its numbers and a bar. */
export function countsTable({ tests }: Evidence): string {
  const { first, second, onBase, head, old } = tests.counts;
  const row = (name: string, counts: Counts) =>
    [name, bar(counts), counts.total, counts.pass, counts.fail, counts.skip].map(String);
  const rows = [
    row("base (R0)", first),
    row("base, again (R0)", second),
    ...(onBase === null ? [] : [row("base with the patch's tests, those only (R1)", onBase)]),
    row("head (R2)", head),
    ...(old === null ? [] : [row("head with the base's own tests (R4)", old)]),
  ];
  const head_ = ["run", "", "tests", "pass", "fail", "skip"];
  return `### The whole suite, before and after\n\n${table(head_, rows)}\n\n${tests.passToPass} ${tests.passToPass === 1 ? "test passes" : "tests pass"} before and after.`;
}

/** A titled list of tests, empty when there is none. */
export function changes(title: string, tests: readonly Change[], most: number): string {
  if (tests.length === 0) return "";
  const rows = tests.map(
    (test) =>
      inlineCode(formatKey(test.key)) +
      (test.message === "" ? "" : `: ${inlineCode(test.message)}`),
  );
  return `### ${title} (${tests.length})\n\n${list(rows, most)}`;
}

/** What existing tests asked for before and ask for now, side by side. */
export function testChanges(all: readonly TestChange[], most: number): string {
  if (all.length === 0) return "";
  const rows = all.map(({ path, line, test, before, after }) => [
    `${inlineCode(`${path}:${line}`)}${test === "" ? "" : ` ${inlineCode(test)}`}`,
    inlineCode(before),
    after === null ? "(gone)" : inlineCode(after),
  ]);
  const page = table(["where", "before", "after"], rows, most);
  return `### Changed assertions, side by side (${all.length})\n\n${page}`;
}
