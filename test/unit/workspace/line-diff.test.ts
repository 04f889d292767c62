import fc from "fast-check";
import { expect, it } from "vitest";
import { diffLines, linesWithEnds } from "../../../src/workspace/line-diff.ts";

const lines = (text: string) => text.split("");
const shown = (base: string, head: string) =>
  diffLines(lines(base), lines(head)).map((run) => {
    const { start, end } = run.base;
    return `${start}:${base.slice(start, end)}>${head.slice(run.head.start, run.head.end)}`;
  });

it("finds what was put in, taken out and put in its place", () => {
  expect(shown("abc", "abc")).toEqual([]);
  expect(shown("abc", "abxc")).toEqual(["2:>x"]);
  expect(shown("abc", "ac")).toEqual(["1:b>"]);
  expect(shown("abcde", "aXcdY")).toEqual(["1:b>X", "4:e>Y"]);
  expect(shown("", "ab")).toEqual(["0:>ab"]);
  expect(shown("ab", "")).toEqual(["0:ab>"]);
});

it("takes the shortest way", () => {
  expect(shown("abcabba", "cbabac")).toHaveLength(4);
});

it("gives the one side from the other, for any two texts", () => {
  const text = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 40 });
  fc.assert(
    fc.property(text, text, (base, head) => {
      const rebuilt: string[] = [];
      let at = 0;
      for (const run of diffLines(base, head)) {
        rebuilt.push(...base.slice(at, run.base.start));
        rebuilt.push(...head.slice(run.head.start, run.head.end));
        at = run.base.end;
      }
      expect([...rebuilt, ...base.slice(at)]).toEqual(head);
    }),
  );
});

it("keeps all ends of lines", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("a", "\n", "\r\n", "\r", "é")), (parts) => {
      expect(linesWithEnds(parts.join("")).join("")).toBe(parts.join(""));
    }),
  );
  expect(linesWithEnds("a\r\n\nb")).toEqual(["a\r\n", "\n", "b"]);
});

it("does not look for the shortest way between texts that have nothing in common", () => {
  const base = Array.from({ length: 20_000 }, (_, index) => `a${index}`);
  const head = Array.from({ length: 20_000 }, (_, index) => `b${index}`);
  expect(diffLines(base, head)).toEqual([
    { base: { start: 0, end: 20_000 }, head: { start: 0, end: 20_000 } },
  ]);
});
