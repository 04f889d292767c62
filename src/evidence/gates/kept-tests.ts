import type { Finding, ShapedFile } from "../gate.ts";
import type { MovedTest } from "../tests/moved-tests.ts";
import type { TestShape } from "../tests/test-shape.ts";

/**
 * Fewer titles block; a title that is gone while the number holds was renamed and is flagged. What only moved, word for
 * word, is not gone.
 */
export function keptTests(
  files: readonly ShapedFile[],
  moved: readonly MovedTest[],
): readonly Finding[] {
  return files
    .filter((file) => file.isTest && file.head.tokens.length > 0)
    .flatMap((file) => {
      const left = moved.filter(({ from, to }) => from.path === file.path && to.path !== file.path);
      const before = without(
        titles(file.base),
        left.map(({ from }) => from.title),
      );
      const after = titles(file.head);
      const gone = without(before, after);
      if (gone.length === 0) return [];
      const fewer = after.length < before.length;
      const what = fewer ? "was removed" : "was renamed or replaced";
      return gone.map((title) => ({
        gate: "tests-kept",
        result: fewer ? "block" : "flag",
        detail: `A test or group ${what}: ${title}`,
        path: file.path,
      }));
    });
}

function titles(shape: TestShape): readonly string[] {
  return [...shape.tests.map((test) => test.title), ...shape.groups];
}

/** What `before` has and `after` hasn't, counting repetitions. */
export function without(before: readonly string[], after: readonly string[]): readonly string[] {
  const left = new Map<string, number>();
  for (const text of after) left.set(text, (left.get(text) ?? 0) + 1);
  return before.filter((text) => {
    const count = left.get(text) ?? 0;
    left.set(text, count - 1);
    return count <= 0;
  });
}
