import { expect, it } from "vitest";
import { amendPatch, hasAttributes, type WrittenFile } from "../../../src/workspace/amend-patch.ts";
import { type FileChange, PATCH_LIMITS, type TreeEntry } from "../../../src/workspace/patch.ts";

const entry = (path: string, mode: TreeEntry["mode"] = "100644"): TreeEntry => ({
  path,
  mode,
  blob: "b".repeat(40),
  bytes: 5,
});
const BASE = new Map(
  [entry("a.js"), entry("bin", "100755"), entry("link", "120000"), entry(".gitignore")].map(
    (one) => [one.path, one],
  ),
);
const bytes = (length: number) => new Uint8Array(length).fill(0x78);
const file = (path: string, length: number): WrittenFile => ({
  path,
  data: bytes(length),
  mode: "100644",
});
const write = (path: string, length: number, mode: "100644" | "120000" = "100644"): FileChange => ({
  path,
  kind: "write",
  mode,
  data: bytes(length),
});
const amend = (changes: readonly FileChange[], written: WrittenFile) =>
  amendPatch({ baseSha: "s", changes }, written, BASE)?.changes;

it.each<[string, readonly FileChange[], WrittenFile, readonly FileChange[]]>([
  ["a file of the base", [], file("a.js", 7), [write("a.js", 7)]],
  ["one that is changed already", [write("a.js", 7)], file("a.js", 8), [write("a.js", 8)]],
  ["one that was deleted", [{ path: "a.js", kind: "delete" }], file("a.js", 8), [write("a.js", 8)]],
  [
    "a new one that the patch has, in its order",
    [write("b.js", 1), write("z.js", 1)],
    file("b.js", 5),
    [write("b.js", 5), write("z.js", 1)],
  ],
])("knows the patch after a write to %s", (_what, before, written, after) => {
  expect(amend(before, written)).toEqual(after);
});

it("keeps the order of a patch when a file joins it", () => {
  const patch = amend([write("0.js", 1), write("b.js", 1)], file("a.js", 1));
  expect(patch?.map(({ path }) => path)).toEqual(["0.js", "a.js", "b.js"]);
});

it.each<[string, readonly FileChange[], WrittenFile]>([
  ["a new file, which may be ignored", [], file("new.js", 7)],
  ["a file as large as the base's, which may be the base's again", [], file("a.js", 5)],
  ["a file in a link's place", [], file("link", 7)],
  ["a file in the place of a link that the patch has", [write("x", 1, "120000")], file("x", 7)],
  ["a file that says what is ignored", [], file(".gitignore", 7)],
  ["any file once attributes are in the patch", [write("sub/.gitattributes", 1)], file("a.js", 7)],
  ["a file too large for a patch", [], file("a.js", PATCH_LIMITS.fileBytes + 1)],
  ["a file that makes the patch too large", [write("b", PATCH_LIMITS.bytes - 1)], file("a.js", 2)],
])("leaves %s to a reading", (_what, before, written) => {
  expect(amend(before, written)).toBeUndefined();
});

it("sees attributes at every depth", () => {
  expect(hasAttributes([{ path: "a" }, { path: "b/.GitAttributes" }])).toBe(true);
  expect(hasAttributes([{ path: "x.gitattributes.md" }])).toBe(false);
});
