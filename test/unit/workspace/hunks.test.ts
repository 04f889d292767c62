import fc from "fast-check";
import { expect, it } from "vitest";
import { changedLinesOf, hunksOf } from "../../../src/workspace/hunks.ts";

const text = (lines: string) => lines.split("").join("\n");

it("gives each changed place with the file that would be there without it", () => {
  expect(hunksOf(text("abcdefgh"), text("aXcdefghi"), 3)).toEqual([
    { line: 2, lines: 1, changed: ["b\n", "X\n"], without: text("abcdefghi") },
    { line: 8, lines: 2, changed: ["h", "h\n", "i"], without: text("aXcdefgh") },
  ]);
});

it("takes changes with few lines between them for one", () => {
  expect(hunksOf(text("abcdef"), text("aXcdYf"), 2)).toHaveLength(1);
  expect(hunksOf(text("abcdef"), text("aXcdYf"), 1)).toHaveLength(2);
});

it("tells where lines are gone", () => {
  expect(hunksOf("a\nb\nc\n", "a\nc\n", 3)).toEqual([
    { line: 1, lines: 0, changed: ["b\n"], without: "a\nb\nc\n" },
  ]);
});

it("knows files that are new or gone, and an end without a line end", () => {
  expect(hunksOf(undefined, "a\nb\n", 3)).toEqual([
    { line: 1, lines: 2, changed: ["a\n", "b\n"], without: undefined },
  ]);
  expect(hunksOf("a\n", undefined, 3)).toEqual([
    { line: 0, lines: 0, changed: ["a\n"], without: "a\n" },
  ]);
  expect(hunksOf("a\r\nb", "a\r\nb\r\n", 3)).toEqual([
    { line: 2, lines: 1, changed: ["b", "b\r\n"], without: "a\r\nb" },
  ]);
  expect(hunksOf("", undefined, 3)).toHaveLength(1);
  expect(hunksOf("a", "a", 3)).toEqual([]);
});

it("is the base again when it is taken back alone, for any two texts with one change", () => {
  const side = fc.array(fc.constantFrom("a", "b", "\n", "\r\n")).map((parts) => parts.join(""));
  fc.assert(
    fc.property(side, side, (base, head) => {
      const [all, ...more] = hunksOf(base, head, Number.POSITIVE_INFINITY);
      expect(more).toEqual([]);
      expect(all === undefined ? head : all.without).toBe(base);
    }),
  );
});

it("names the head's changed lines", () => {
  expect(changedLinesOf("a\nb\nc\n", "a\nX\nc\nd\n")).toEqual([2, 4]);
  expect(changedLinesOf(undefined, "a\nb\n")).toEqual([1, 2]);
  expect(changedLinesOf("a\nb\n", undefined)).toEqual([]);
});
