import type { Files } from "../corpus-case.ts";
import { manifest } from "./edit.ts";

export const ISSUE = `11, 12 and 13 get the wrong ending
ordinal(11) returns "11st", ordinal(12) "12nd", ordinal(113) "113rd". They should be 11th, 12th, 113th.`;

export const BASE: Files = {
  "package.json": manifest({
    name: "nth-of",
    version: "1.0.1",
    type: "module",
    exports: "./src/ordinal.js",
    scripts: { test: "node --test" },
  }),
  "src/ordinal.js": `import { suffixOf } from "./suffix.js";

export function ordinal(number) {
  if (!Number.isInteger(number) || number < 0) {
    throw new RangeError("expected a natural number");
  }
  return number + suffixOf(number);
}

export function place(number, of) {
  return ordinal(number) + " of " + of;
}
`,
  "src/suffix.js": `const SUFFIXES = ["th", "st", "nd", "rd"];

export function suffixOf(number) {
  return SUFFIXES[number % 10] ?? "th";
}
`,
  "test/ordinal.test.js": `import test from "node:test";
import assert from "node:assert/strict";
import { ordinal, place } from "../src/ordinal.js";

const ROWS = [
  [0, "0th"],
  [1, "1st"],
  [2, "2nd"],
  [3, "3rd"],
  [4, "4th"],
  [21, "21st"],
];

for (const [number, expected] of ROWS) {
  test("writes the ending", () => {
    assert.equal(ordinal(number), expected);
  });
}

test("refuses what is not natural", () => {
  assert.throws(() => ordinal(-1), RangeError);
  assert.throws(() => ordinal(1.5), RangeError);
});

test("writes a place", () => {
  assert.equal(place(2, 10), "2nd of 10");
});
`,
};
