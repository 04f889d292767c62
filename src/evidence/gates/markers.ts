import type { Token } from "../tests/source-scan.ts";
import { markAt } from "../tests/source-scan.ts";

const MARKERS = new Set("skip only todo skipIf runIf fails failing fixme".split(" "));
const MARKED = new Set(
  "xit xtest xdescribe xcontext xspecify fit ftest fdescribe pending".split(" "),
);
/** What a runner, or the argument of its tests, is called. */
const RUNNERS = new Set(
  "test it describe suite context specify bench t tt st ctx this tap QUnit ava mocha jest vitest".split(
    " ",
  ),
);
const BEFORE_NAME = new Set(["{", ","]);

/** `test.skip`, `t.todo(…)`, `it["only"]`, `xit(…)`, `{ skip: … }` and `{ skip }`. */
export function isMarker(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at];
  const next = markAt(tokens, at + 1);
  if (token?.kind === "string") {
    return MARKERS.has(token.text) && markAt(tokens, at - 1) === "[" && next === "]";
  }
  if (token?.kind !== "word") return false;
  if (MARKED.has(token.text)) return next === "(" || next === ".";
  return MARKERS.has(token.text) && isMarkerName(tokens, at, next);
}

/** Of the markers, those that leave a test out, whether always or on a condition. */
export function isSkip(tokens: readonly Token[], at: number): boolean {
  const text = tokens[at]?.text ?? "";
  return (text === "skip" || text === "skipIf" || text.startsWith("x")) && isMarker(tokens, at);
}

function isMarkerName(tokens: readonly Token[], at: number, next: string): boolean {
  const before = markAt(tokens, at - 1);
  if (before === "." || before === "?.") return RUNNERS.has(chainRoot(tokens, at - 1));
  if (!BEFORE_NAME.has(before)) return false;
  if (next === ":") return marksByValue(tokens[at + 2]);
  return (next === "}" || next === ",") && inBraces(tokens, at);
}

/** True, a reason or a condition; a number or a list is some other option of the same name. */
function marksByValue(value: Token | undefined): boolean {
  if (value === undefined || value.kind === "number" || value.text === "false") return false;
  return value.kind !== "mark" || value.text === "!" || value.text === "(";
}

/** `{ skip }` or `{ a, skip }`, but not an argument list. */
function inBraces(tokens: readonly Token[], at: number): boolean {
  for (let back = at - 1; back >= 0 && back > at - 20; back--) {
    const mark = markAt(tokens, back);
    if (mark === "{") return true;
    if (mark === "(" || mark === "[") return false;
  }
  return false;
}

/** The first word of `word.word.word`, at most ten links back. */
function chainRoot(tokens: readonly Token[], dot: number): string {
  let at = dot;
  while (at > dot - 20 && [".", "?."].includes(markAt(tokens, at))) at -= 2;
  return tokens[at + 1]?.text ?? "";
}
