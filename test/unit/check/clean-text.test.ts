import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cleanLine, cleanText } from "../../../src/check/clean-text.ts";

describe("cleanText", () => {
  it.each([
    ["colours", "\u001b[31mred\u001b[0m", "red"],
    ["8-bit colours", "\u009b31mred\u009b0m", "red"],
    ["a link that hides its target", "\u001b]8;;http://evil\u0007here\u001b]8;;\u0007", "here"],
    ["a write to the clipboard", "a\u001b]52;c;ZXZpbA==\u001b\\b", "ab"],
    ["a terminal command without an end, on its line only", "a\u001b]0;title\nnext", "a\nnext"],
    ["lines written over", "10%\r50%\rdone\nnext", "done\nnext"],
    ["line ends of Windows", "one\r\ntwo\r\n", "one\ntwo\n"],
    ["text that is made to read backwards", "a\u202ecod.exe\u2066b", "acod.exeb"],
    ["invisible characters", "a\u200b\u{e0041}\ufeffb", "ab"],
    ["bells and backspaces", "a\u0007\bb\u0000\u007f\u0085", "ab"],
    ["half a pair", "a\ud800b", "a\ufffdb"],
    ["plain text", "tab\there\nžluťoučký 🐦", "tab\there\nžluťoučký 🐦"],
  ])("removes or keeps: %s", (_, dirty, clean) => {
    expect(cleanText(dirty)).toBe(clean);
  });

  it("reads bytes that are no UTF-8", () => {
    expect(cleanText(new Uint8Array([0x61, 0xff, 0x62, 0xe2]))).toBe("a\ufffdb\ufffd");
  });

  it("leaves nothing that moves a cursor, whatever comes in", () => {
    const pieces = fc.constantFrom("\u001b", "[", "]8;;", "\u009b", "\r", "m", "a", "\n", "\u0007");
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string({ unit: "binary" }))), (parts) => {
        expect(cleanText(parts.join(""))).not.toMatch(/[^\P{Cc}\t\n]|\p{Cf}/u);
      }),
    );
  });
});

describe("cleanLine", () => {
  it("makes one line of many", () => {
    expect(cleanLine("a\n  b\t\u001b[1mc\r\nd ", 300)).toBe("a b c d");
  });

  it("keeps to the length, cutting no character in half", () => {
    expect(cleanLine("x".repeat(400), 300)).toHaveLength(300);
    expect(cleanLine(`${"x".repeat(8)}🐦🐦`, 10)).toBe(`${"x".repeat(8)}\ufffd…`);
  });
});
