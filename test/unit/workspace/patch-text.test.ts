import { describe, expect, it } from "vitest";
import type { Patch } from "../../../src/workspace/patch.ts";
import { decodePatch, encodePatch } from "../../../src/workspace/patch-text.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const patch: Patch = {
  baseSha: "a".repeat(40),
  changes: [
    { path: "a\nb", kind: "delete" },
    { path: "bin", kind: "write", mode: "100755", data: new Uint8Array([0, 255, 10, 13]) },
    { path: "empty", kind: "write", mode: "100644", data: new Uint8Array() },
    { path: "link", kind: "write", mode: "120000", data: bytes("../x") },
    { path: "ü\ud800", kind: "write", mode: "100644", data: bytes("ü") },
  ],
};

describe("a patch as bytes", () => {
  it("comes back as it was", () => {
    expect(decodePatch(encodePatch(patch))).toEqual(patch);
  });

  it("is the same whatever order the changes came in", () => {
    const shuffled = { ...patch, changes: patch.changes.toReversed() };
    expect(encodePatch(shuffled)).toEqual(encodePatch(patch));
  });

  it("holds an empty patch", () => {
    const empty: Patch = { baseSha: patch.baseSha, changes: [] };
    expect(decodePatch(encodePatch(empty))).toEqual(empty);
  });

  const head = "dunlin-patch 1\n";
  const manifest = (changes: unknown, baseSha: unknown = patch.baseSha) =>
    `${head}${JSON.stringify({ baseSha, changes })}\n`;
  it.each([
    ["nothing", ""],
    ["another header", "dunlin-patch 2\n{}\n"],
    ["no manifest", head],
    ["broken JSON", `${head}{\n`],
    ["a short sha", manifest([], "abc")],
    ["an unknown field", manifest([{ path: "a", kind: "delete", extra: 1 }])],
    ["an unknown mode", manifest([{ path: "a", kind: "write", mode: "160000", bytes: 0 }])],
    ["a negative size", manifest([{ path: "a", kind: "write", mode: "100644", bytes: -1 }])],
    ["too large a size", manifest([{ path: "a", kind: "write", mode: "100644", bytes: 1e12 }])],
    ["content missing", manifest([{ path: "a", kind: "write", mode: "100644", bytes: 4 }])],
    ["content left over", `${manifest([])}x`],
    [
      "the same path twice",
      manifest([
        { path: "a", kind: "delete" },
        { path: "a", kind: "delete" },
      ]),
    ],
    [
      "another order",
      manifest([
        { path: "b", kind: "delete" },
        { path: "a", kind: "delete" },
      ]),
    ],
  ])("refuses %s", (_what, text) => {
    expect(() => decodePatch(bytes(text))).toThrow(/stored patch can't be read/);
  });
});
