import type { ShapedFile } from "../gate.ts";
import type { Assertion } from "./test-shape.ts";

/** An assertion of the base that the patch rewrites or takes away. Texts are untrusted. */
export type TestChange = {
  readonly path: string;
  /** On the base, from 1. */
  readonly line: number;
  /** Title of the test that holds it; empty outside of tests. */
  readonly test: string;
  readonly before: string;
  /** What stands in its place in the same test; null when nothing does. */
  readonly after: string | null;
};

const MAX_CHANGES = 500;
const MAX_TEXT = 500;

/** What became of the assertions of existing tests, paired in their order within each test. */
export function testChanges(files: readonly ShapedFile[]): readonly TestChange[] {
  return files
    .filter(({ isTest, existed }) => isTest && existed)
    .flatMap(({ path, base, head }) => {
      const fresh = Map.groupBy(without(head.assertions, base.assertions), ({ test }) => test);
      const titles = new Map(base.tests.map(({ key, title }) => [key, title]));
      return without(base.assertions, head.assertions).map(({ line, test, text }) => ({
        path,
        line,
        test: titles.get(test) ?? "",
        before: text.slice(0, MAX_TEXT),
        after: fresh.get(test)?.shift()?.text.slice(0, MAX_TEXT) ?? null,
      }));
    })
    .slice(0, MAX_CHANGES);
}

/** Those of `all` that `others` doesn't have in the same test, however often each stands there. */
function without(all: readonly Assertion[], others: readonly Assertion[]): readonly Assertion[] {
  const keyOf = ({ test, text }: Assertion) => `${test}\n${text}`;
  const left = new Map<string, number>();
  for (const other of others) left.set(keyOf(other), (left.get(keyOf(other)) ?? 0) + 1);
  return all.filter((assertion) => {
    const count = left.get(keyOf(assertion)) ?? 0;
    left.set(keyOf(assertion), count - 1);
    return count <= 0;
  });
}
