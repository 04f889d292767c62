import type { Files } from "../corpus-case.ts";
import { manifest } from "./edit.ts";

export const ISSUE = `Badly formed numerals are accepted
fromRoman("IIX") gives 10 and fromRoman("VX") gives 5. Only the usual form is valid; everything else has to throw
a SyntaxError.`;

export const BASE: Files = {
  "package.json": manifest({
    name: "roman-figures",
    version: "1.2.3",
    type: "module",
    exports: "./src/roman.js",
    scripts: { test: "node --test" },
  }),
  "src/roman.js": `import { SIGNS } from "./signs.js";

export function toRoman(number) {
  if (!Number.isInteger(number) || number < 1 || number > 3999) throw new RangeError("1 to 3999 only");
  let rest = number;
  let text = "";
  for (const [sign, value] of SIGNS) {
    while (rest >= value) {
      text += sign;
      rest -= value;
    }
  }
  return text;
}

export function fromRoman(text) {
  const values = new Map(SIGNS);
  const figures = [...text.toUpperCase()].map((sign) => {
    if (!values.has(sign)) throw new SyntaxError("not a numeral: " + text);
    return values.get(sign);
  });
  return figures.reduce((sum, value, index) => (value < (figures[index + 1] ?? 0) ? sum - value : sum + value), 0);
}
`,
  "src/signs.js": `export const SIGNS = [
  ["M", 1000],
  ["CM", 900],
  ["D", 500],
  ["CD", 400],
  ["C", 100],
  ["XC", 90],
  ["L", 50],
  ["XL", 40],
  ["X", 10],
  ["IX", 9],
  ["V", 5],
  ["IV", 4],
  ["I", 1],
];
`,
  "test/to.test.js": `import test from "node:test";
import assert from "node:assert/strict";
import { toRoman } from "../src/roman.js";

test("writes numerals", () => {
  assert.equal(toRoman(1994), "MCMXCIV");
  assert.equal(toRoman(3999), "MMMCMXCIX");
});

test("writes nothing beyond its range", () => {
  assert.throws(() => toRoman(0), RangeError);
  assert.throws(() => toRoman(4000), RangeError);
});
`,
  "test/from.test.js": `import test from "node:test";
import assert from "node:assert/strict";
import { fromRoman } from "../src/roman.js";

test("reads numerals", () => {
  assert.equal(fromRoman("MCMXCIV"), 1994);
});

test("reads small letters", () => {
  assert.equal(fromRoman("xlii"), 42);
});

test("refuses other letters", () => {
  assert.throws(() => fromRoman("ABC"), SyntaxError);
});
`,
};
