import type { Token } from "./source-scan.ts";
import { markAt, scanSource } from "./source-scan.ts";

/** An assertion as written, without comments, spaces and trailing commas. */
export type Assertion = {
  readonly text: string;
  readonly line: number;
  /** Brackets open around it, counted from the test that holds it or from the file's start. */
  readonly depth: number;
  /** `key` of the test that holds it; empty outside of tests. */
  readonly test: string;
};

export type TestBlock = {
  /** Title and ordinal: unique in the file. */
  readonly key: string;
  readonly title: string;
  readonly line: number;
  /** Between the call's parentheses, without what belongs to a test inside it. */
  readonly tokens: readonly Token[];
};

/** What one test file holds, as far as its tokens tell. */
export type TestShape = {
  readonly tokens: readonly Token[];
  readonly tests: readonly TestBlock[];
  /** Titles of groups (`describe`). */
  readonly groups: readonly string[];
  readonly assertions: readonly Assertion[];
};

const TESTS = new Set(["test", "it", "specify", "fit", "xit", "xtest"]);
const GROUPS = new Set(["describe", "suite", "context", "fdescribe", "xdescribe"]);
/** What a test function calls its own argument, and what assertions are called on. */
const ASSERTERS = new Set([
  "t",
  "tt",
  "st",
  "tap",
  "assert",
  "expect",
  "should",
  "chai",
  "QUnit",
  "qunit",
  "a",
]);
const METHODS = new Set(
  `equal equals eq is isEqual strictEqual strictEquals same strictSame like match matches matchSnapshot doesNotMatch
  notMatch notEqual notEquals not notStrictEqual isNot deepEqual deepEquals looseEqual deepLooseEqual notDeepEqual
  notDeepEquals deepStrictEqual notDeepStrictEqual partialDeepStrictEqual ok notOk assert true false truthy falsy
  throws notThrows throwsAsync notThrowsAsync doesNotThrow rejects doesNotReject resolves error ifError ifErr iferror
  fail type instanceOf isInstance has hasStrict notHas include includes contains snapshot emits emitsAsync
  expectUncaughtException isTrue isFalse isNull isNotNull isUndefined isDefined isNaN exists isOk isNotOk typeOf lengthOf
  propertyVal property isEmpty isAbove isBelow closeTo`.split(/\s+/),
);
// `test.test.test…` would take quadratic time.
const MAX_LINKS = 20;
const OPEN = new Set(["(", "[", "{"]);
const CLOSE = new Set([")", "]", "}"]);

export function testShape(source: string): TestShape {
  const tokens = scanSource(source);
  const closes = pairs(tokens);
  const named = calls(tokens, closes);
  const tests = withKeys(named.filter((call) => TESTS.has(call.root)));
  return {
    tokens,
    tests: blocksOf(tokens, tests),
    groups: named.filter((call) => GROUPS.has(call.root)).map((call) => call.title),
    assertions: assertionsOf(tokens, closes, tests),
  };
}

/** For each opening bracket the index of its closing one, or the end where there is none. */
function pairs(tokens: readonly Token[]): ReadonlyMap<number, number> {
  const closes = new Map<number, number>();
  const open: number[] = [];
  tokens.forEach((token, at) => {
    if (token.kind !== "mark") return;
    if (OPEN.has(token.text)) open.push(at);
    const start = CLOSE.has(token.text) ? open.pop() : undefined;
    if (start !== undefined) closes.set(start, at);
  });
  for (const start of open) closes.set(start, tokens.length);
  return closes;
}

type Call = {
  readonly root: string;
  readonly title: string;
  readonly open: number;
  readonly close: number;
};
type KeyedCall = Call & { readonly key: string };

/** Calls like `test("title", …)`, `it.each(rows)("title", …)` and `t.test("title", …)`. */
function calls(tokens: readonly Token[], closes: ReadonlyMap<number, number>): readonly Call[] {
  const found: Call[] = [];
  tokens.forEach((token, at) => {
    if (token.kind !== "word" || !(TESTS.has(token.text) || GROUPS.has(token.text))) return;
    const open = titledCall(tokens, closes, at + 1);
    const title = open === undefined ? undefined : tokens[open + 1];
    if (open === undefined || title === undefined) return;
    found.push({
      root: token.text,
      title: title.text,
      open,
      close: closes.get(open) ?? tokens.length,
    });
  });
  return found;
}

function withKeys(tests: readonly Call[]): readonly KeyedCall[] {
  const seen = new Map<string, number>();
  return tests.map((test) => {
    const ordinal = (seen.get(test.title) ?? 0) + 1;
    seen.set(test.title, ordinal);
    return { ...test, key: `${test.title} #${ordinal}` };
  });
}

/** Each token goes to the innermost test, so that deep nesting costs nothing. */
function blocksOf(tokens: readonly Token[], tests: readonly KeyedCall[]): readonly TestBlock[] {
  const starts = new Map(tests.map((test) => [test.open, test]));
  const blocks: (TestBlock & { readonly tokens: Token[] })[] = [];
  const open: { readonly close: number; readonly into: Token[] }[] = [];
  tokens.forEach((token, at) => {
    if (open.at(-1)?.close === at) open.pop();
    open.at(-1)?.into.push(token);
    const test = starts.get(at);
    if (test === undefined) return;
    const into: Token[] = [];
    blocks.push({ key: test.key, title: test.title, line: token.line, tokens: into });
    open.push({ close: test.close, into });
  });
  return blocks;
}

/** The parenthesis of the call whose first of several arguments is a text; members and `.each(…)` are passed over. */
function titledCall(
  tokens: readonly Token[],
  closes: ReadonlyMap<number, number>,
  start: number,
): number | undefined {
  let at: number | undefined = start;
  for (let links = 0; at !== undefined && links < MAX_LINKS; links++) {
    const isText = ["string", "template"].includes(tokens[at + 1]?.kind ?? "");
    const several = [",", "+"].includes(markAt(tokens, at + 2));
    if (markAt(tokens, at) === "(" && isText && several) return at;
    at = chainStep(tokens, closes, at);
  }
  return undefined;
}

/** Where the next link of `word.word(…)[…]` begins, or nothing at its end. */
function chainStep(
  tokens: readonly Token[],
  closes: ReadonlyMap<number, number>,
  at: number,
): number | undefined {
  const text = markAt(tokens, at);
  if (text === "(" || text === "[") return (closes.get(at) ?? tokens.length) + 1;
  if (text === "." || text === "?.") return at + 2;
  return tokens[at]?.kind === "template" ? at + 1 : undefined;
}

function assertionsOf(
  tokens: readonly Token[],
  closes: ReadonlyMap<number, number>,
  tests: readonly KeyedCall[],
): readonly Assertion[] {
  const places = placesOf(tokens, tests);
  const found: Assertion[] = [];
  let end = 0;
  tokens.forEach((token, at) => {
    if (at < end || !startsAssertion(tokens, at)) return;
    end = chainEnd(tokens, closes, at);
    const start = ["await", "return", "void"].includes(tokens[at - 1]?.text ?? "") ? at - 1 : at;
    const { depth, test } = places[at] ?? OUTSIDE;
    found.push({ text: written(tokens.slice(start, end)), line: token.line, depth, test });
  });
  return found;
}

function startsAssertion(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at];
  if (token?.kind !== "word" || markAt(tokens, at - 1) === ".") return false;
  if (token.text === "expect" || token.text === "assert")
    return [".", "("].includes(markAt(tokens, at + 1));
  if (markAt(tokens, at + 1) === "." && tokens[at + 2]?.text === "should") return true;
  const method = tokens[at + 2]?.text ?? "";
  return (
    ASSERTERS.has(token.text) &&
    markAt(tokens, at + 1) === "." &&
    (method === "assert" || METHODS.has(method))
  );
}

/** The index after `word(…).word(…)…`. */
function chainEnd(
  tokens: readonly Token[],
  closes: ReadonlyMap<number, number>,
  start: number,
): number {
  let end = start;
  for (let at: number | undefined = start + 1; at !== undefined; at = chainStep(tokens, closes, at))
    end = at;
  return Math.min(end, tokens.length);
}

type Place = { readonly depth: number; readonly test: string };
const OUTSIDE: Place = { depth: 0, test: "" };

/** For each token the innermost test around it and the brackets open since that began. */
function placesOf(tokens: readonly Token[], tests: readonly KeyedCall[]): readonly Place[] {
  const starts = new Map(tests.map((test) => [test.open, test.key]));
  const outer: Place[] = [];
  let place = OUTSIDE;
  return tokens.map((token, at) => {
    if (token.kind === "mark" && OPEN.has(token.text)) {
      outer.push(place);
      const test = starts.get(at);
      place = test === undefined ? { ...place, depth: place.depth + 1 } : { depth: 0, test };
    } else if (token.kind === "mark" && CLOSE.has(token.text)) place = outer.pop() ?? OUTSIDE;
    return place;
  });
}

/** Tokens as one text that formatting doesn't change. */
export function written(tokens: readonly Token[]): string {
  return tokens
    .filter((token, at) => !(isMark(token, ",") && CLOSE.has(markAt(tokens, at + 1))))
    .map((token) =>
      token.kind === "string" || token.kind === "template"
        ? JSON.stringify(token.text)
        : token.text,
    )
    .join(" ");
}

function isMark(token: Token | undefined, text: string): boolean {
  return token?.kind === "mark" && token.text === text;
}
