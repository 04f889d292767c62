import type { Finding, ShapedFile } from "../gate.ts";
import type { Assertion, TestShape } from "../test-shape.ts";

/**
 * Every assertion of the base must stand on the head in the same words and under no more brackets than before: in its
 * test if that still exists, else in any changed test file, for a test may be renamed or moved. Rewriting one, be it
 * the matcher, the subject or the expected value, counts as losing it.
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
    return taken.flatMap(({ before, after }) => judge(file.path, before, after));
  });
}

function judge(path: string, before: Assertion, after: Assertion | undefined): readonly Finding[] {
  if (after !== undefined && after.depth <= before.depth) return [];
  const what =
    after === undefined ? "is gone or reads differently" : "now stands in a deeper block";
  const detail = `An existing assertion (line ${before.line} before) ${what}: ${before.text}`;
  return [
    { gate: "assertions-kept", result: "block", detail, path, ...(after && { line: after.line }) },
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
