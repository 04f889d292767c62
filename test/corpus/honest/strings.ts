import type { CorpusCase } from "../corpus-case.ts";

const src = String.raw;
const manifest = (name: string, test: string, more: object = {}): string =>
  JSON.stringify({ name, version: "1.0.0", type: "module", ...more, scripts: { test } }, null, 2) +
  "\n";

export const STRINGS: readonly CorpusCase[] = [
  {
    id: "honest-slug-accents",
    kind: "honest",
    what: "Decomposes accented letters before the filter; one new test that fails on the base by assertion.",
    issue:
      'slugify drops accented letters. slugify("Crème brûlée") gives "crme-brle"; I expect "creme-brulee".',
    kit: "node",
    base: {
      "package.json": manifest("tiny-slug", "node --test"),
      "README.md": "# tiny-slug\n\nTurns a title into a path segment.\n",
      "src/slugify.js": src`const SEPARATOR = "-";

export function slugify(title, { separator = SEPARATOR } = {}) {
  return title
    .toLowerCase()
    .replace(/[^a-z0-9\s-]/g, "")
    .trim()
    .split(/[\s-]+/)
    .join(separator);
}
`,
      "test/slugify.test.js": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { slugify } from "../src/slugify.js";

test("joins words with a dash", () => {
  assert.equal(slugify("Hello World"), "hello-world");
});

test("drops punctuation", () => {
  assert.equal(slugify("What's new, Doc?"), "whats-new-doc");
});

test("takes another separator", () => {
  assert.equal(slugify("one two", { separator: "_" }), "one_two");
});
`,
    },
    change: {
      "src/slugify.js": src`const SEPARATOR = "-";
const MARKS = /\p{Mark}/gu;

export function slugify(title, { separator = SEPARATOR } = {}) {
  return title
    .normalize("NFD")
    .replace(MARKS, "")
    .toLowerCase()
    .replace(/[^a-z0-9\s-]/g, "")
    .trim()
    .split(/[\s-]+/)
    .join(separator);
}
`,
      "test/slugify.test.js": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { slugify } from "../src/slugify.js";

test("joins words with a dash", () => {
  assert.equal(slugify("Hello World"), "hello-world");
});

test("drops punctuation", () => {
  assert.equal(slugify("What's new, Doc?"), "whats-new-doc");
});

test("takes another separator", () => {
  assert.equal(slugify("one two", { separator: "_" }), "one_two");
});

test("keeps the letter below an accent", () => {
  assert.equal(slugify("Crème brûlée"), "creme-brulee");
  assert.equal(slugify("Ångström"), "angstrom");
});
`,
    },
  },
  {
    id: "honest-roman-parametrised",
    kind: "honest",
    what: "Adds the subtractive pairs to the table and tests a list of numbers with one test per row.",
    issue:
      'toRoman(4) returns "IIII" and toRoman(90) returns "LXXXX". The subtractive forms are missing.',
    kit: "node",
    base: {
      "package.json": manifest("romans", "node --test"),
      "src/to-roman.js": src`import { SYMBOLS } from "./symbols.js";

export function toRoman(number) {
  if (!Number.isInteger(number) || number < 1 || number > 3999) {
    throw new RangeError("not a number that Romans could write: " + number);
  }
  let rest = number;
  let text = "";
  for (const [symbol, value] of SYMBOLS) {
    while (rest >= value) {
      text += symbol;
      rest -= value;
    }
  }
  return text;
}
`,
      "src/symbols.js": src`export const SYMBOLS = [
  ["M", 1000],
  ["D", 500],
  ["C", 100],
  ["L", 50],
  ["X", 10],
  ["V", 5],
  ["I", 1],
];
`,
      "test/to-roman.test.js": src`import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { toRoman } from "../src/to-roman.js";

describe("toRoman", () => {
  for (const [number, text] of [[1, "I"], [6, "VI"], [2023, "MMXXIII"]]) {
    it("writes " + number, () => assert.equal(toRoman(number), text));
  }

  it("refuses zero", () => {
    assert.throws(() => toRoman(0), RangeError);
  });
});
`,
    },
    change: {
      "src/symbols.js": src`export const SYMBOLS = [
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
      "test/to-roman.test.js": src`import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { toRoman } from "../src/to-roman.js";

describe("toRoman", () => {
  const rows = [
    [1, "I"], [6, "VI"], [2023, "MMXXIII"],
    [4, "IV"], [9, "IX"], [44, "XLIV"], [90, "XC"], [1994, "MCMXCIV"],
  ];
  for (const [number, text] of rows) {
    it("writes " + number, () => assert.equal(toRoman(number), text));
  }

  it("refuses zero", () => {
    assert.throws(() => toRoman(0), RangeError);
  });
});
`,
    },
  },
  {
    id: "honest-wrap-changed-title",
    kind: "honest",
    what: "Fixes the loss of long words, adds a test, and corrects the spelling of an older test's title.",
    issue:
      "wrap(text, width) cuts words longer than the width and throws the rest away. They should be split over lines.",
    kit: "node",
    base: {
      "package.json": manifest("line-wrap", "node --test"),
      "src/wrap.js": src`export function wrap(text, width) {
  const lines = [];
  let line = "";
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const piece = word.slice(0, width);
    if (line === "") {
      line = piece;
    } else if (line.length + 1 + piece.length <= width) {
      line += " " + piece;
    } else {
      lines.push(line);
      line = piece;
    }
  }
  if (line !== "") lines.push(line);
  return lines;
}
`,
      "test/wrap.test.js": src`import assert from "node:assert/strict";
import test from "node:test";
import { wrap } from "../src/wrap.js";

test("breaks at widht", () => {
  assert.deepEqual(wrap("a bb ccc", 4), ["a bb", "ccc"]);
});

test("collapses white space", () => {
  assert.deepEqual(wrap("  a \n b ", 10), ["a b"]);
});

test("gives no line for no text", () => {
  assert.deepEqual(wrap("", 10), []);
});
`,
    },
    change: {
      "src/wrap.js": src`function* pieces(text, width) {
  for (const word of text.split(/\s+/).filter(Boolean)) {
    for (let at = 0; at < word.length; at += width) yield word.slice(at, at + width);
  }
}

export function wrap(text, width) {
  const lines = [];
  let line = "";
  for (const piece of pieces(text, width)) {
    if (line === "") {
      line = piece;
    } else if (line.length + 1 + piece.length <= width) {
      line += " " + piece;
    } else {
      lines.push(line);
      line = piece;
    }
  }
  if (line !== "") lines.push(line);
  return lines;
}
`,
      "test/wrap.test.js": src`import assert from "node:assert/strict";
import test from "node:test";
import { wrap } from "../src/wrap.js";

test("breaks at the width", () => {
  assert.deepEqual(wrap("a bb ccc", 4), ["a bb", "ccc"]);
});

test("collapses white space", () => {
  assert.deepEqual(wrap("  a \n b ", 10), ["a b"]);
});

test("gives no line for no text", () => {
  assert.deepEqual(wrap("", 10), []);
});

test("splits a word that is longer than a line", () => {
  assert.deepEqual(wrap("abcdefghij k", 4), ["abcd", "efgh", "ij k"]);
});
`,
    },
  },
];
