import type { Finding, ShapedFile } from "../gate.ts";
import type { Assertion, TestShape } from "../tests/test-shape.ts";

/**
 * Every assertion of the base must stand on the head in the same words and under no more brackets than before: in its
 * test if that still exists, else in any changed test file, for a test may be renamed or moved. Rewriting one, be it
 * the matcher, the subject or the expected value, counts as losing it. It is lost for good only if the test as it was
 * doesn't pass with the fix, or if its test has fewer assertions or looser ones now.
 */
export function keptAssertions(files: readonly ShapedFile[]): readonly Finding[] {
  const tests = files.filter((file) => file.isTest);
  const moved = pool(
    tests.flatMap((file) => outside(file.head, file.base)),
    (one) => one.text,
  );
  return tests.flatMap((file) => {
    const stayed = pool(inside(file.head, file.base), inTest);
    const taken = [
      ...inside(file.base, file.head).map((before) => ({
        before,
        after: stayed.get(inTest(before))?.pop(),
      })),
      ...outside(file.base, file.head).map((before) => ({
        before,
        after: moved.get(before.text)?.pop(),
      })),
    ];
    const poorer = poorerTests(file.base, file.head);
    const kept = new Set(file.head.tests.map(({ key }) => key));
    return taken.flatMap(({ before, after }) => {
      const isPoorer = poorer.has(kept.has(before.test) ? before.test : ELSEWHERE);
      return judge(file.path, before, after, !isPoorer);
    });
  });
}

const ELSEWHERE = "";

/** What looks at less than a comparison of the whole value with another one. */
const LOOSE = new Set(
  `ok notOk assert true isTrue truthy falsy isOk isNotOk exists isDefined match matches like doesNotMatch notMatch
  notEqual notEquals not notSame isNot notStrictEqual notDeepEqual notDeepEquals notDeepStrictEqual doesNotThrow
  notThrows doesNotReject include includes contains has type typeOf instanceOf closeTo isAbove isBelow
  partialDeepStrictEqual toBeTruthy toBeFalsy toBeDefined toMatch toMatchObject toContain toContainEqual toBeCloseTo
  toBeGreaterThan toBeGreaterThanOrEqual toBeLessThan toBeLessThanOrEqual toBeInstanceOf toBeTypeOf toHaveProperty
  toSatisfy objectContaining arrayContaining stringContaining stringMatching anything any`.split(
    /\s+/,
  ),
);

const STRING = /"(?:[^"\\]|\\.)*"/g;

/** Tests that are left with fewer assertions, or fewer strict ones, than they had; of those renamed or moved, the file. */
function poorerTests(base: TestShape, head: TestShape): ReadonlySet<string> {
  const before = byPlace(base, head);
  const after = byPlace(head, base);
  const isPoorer = (place: string, some: readonly Assertion[]) => {
    const now = after.get(place) ?? [];
    return now.length < some.length || now.filter(isStrict).length < some.filter(isStrict).length;
  };
  return new Set([...before].flatMap(([place, some]) => (isPoorer(place, some) ? [place] : [])));
}

/** Assertions by the test that holds them, if the other side has it too. */
function byPlace(side: TestShape, other: TestShape): ReadonlyMap<string, readonly Assertion[]> {
  const known = new Set(other.tests.map(({ key }) => key));
  return Map.groupBy(side.assertions, ({ test }) => (known.has(test) ? test : ELSEWHERE));
}

function isStrict({ text }: Assertion): boolean {
  const words = text.replaceAll(STRING, '""').split(" ");
  const isLoose = (word: string, at: number) => {
    if (!LOOSE.has(word)) return false;
    // `assert(x)` is loose; in `assert.equal(x, y)` and `t.assert.equal(x, y)` it is only a name.
    if (word === "assert" || at === 0) return words[at + 1] === "(";
    return words[at - 1] === ".";
  };
  return !words.some(isLoose);
}

function judge(
  path: string,
  before: Assertion,
  after: Assertion | undefined,
  isAnswerable: boolean,
): readonly Finding[] {
  if (after !== undefined && after.depth <= before.depth) return [];
  const what =
    after === undefined ? "is gone or reads differently" : "now stands in a deeper block";
  const detail = `An existing assertion (line ${before.line} before) ${what}: ${before.text}`;
  return [
    {
      gate: "assertions-kept",
      result: "block",
      ...(isAnswerable && { answeredByOldTests: true as const }),
      detail,
      path,
      ...(after && { line: after.line }),
    },
  ];
}

/** Assertions in tests that the other side has too, or in no test. */
function inside(side: TestShape, other: TestShape): readonly Assertion[] {
  const tests = new Set(["", ...other.tests.map((test) => test.key)]);
  return byDepth(side.assertions.filter((assertion) => tests.has(assertion.test)));
}

function outside(side: TestShape, other: TestShape): readonly Assertion[] {
  const kept = new Set(inside(side, other));
  return byDepth(side.assertions.filter((assertion) => !kept.has(assertion)));
}

/** Shallowest last, so that `pop` pairs the shallowest of both sides. */
function pool(
  assertions: readonly Assertion[],
  keyOf: (assertion: Assertion) => string,
): ReadonlyMap<string, Assertion[]> {
  return Map.groupBy(assertions.toReversed(), keyOf);
}

function byDepth(assertions: readonly Assertion[]): readonly Assertion[] {
  return assertions.toSorted((a, b) => a.depth - b.depth);
}

function inTest(assertion: Assertion): string {
  return `${assertion.test}\n${assertion.text}`;
}
