import { expect, test } from "vitest";
import { formatBytes, formatDuration, formatTable } from "../../../src/cli/table.ts";

test("columns are as wide as their widest cell, and no line ends with spaces", () => {
  const rows = [
    ["a", "1", "x"],
    ["longer", "22", ""],
  ];
  expect(formatTable(["ID", "COUNT", "LAST"], rows, { colour: false })).toBe(
    "ID      COUNT  LAST\na       1      x\nlonger  22\n",
  );
});

test("colour is for headings alone, and only where it is wanted", () => {
  expect(formatTable(["ID"], [["a"]], { colour: true })).toBe("\u001b[2mID\u001b[22m\na\n");
});

test.each([
  [-5, "0 s"],
  [42_000, "42 s"],
  [300_000, "5 min"],
  [10_800_000, "3 h"],
  [172_800_000, "2 d"],
])("%i ms are %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test("bytes are decimal, as engines count them", () => {
  expect([formatBytes(305_000_000), formatBytes(1_500_000_000)]).toEqual(["305 MB", "1.50 GB"]);
});
