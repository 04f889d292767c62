import type { CorpusCase } from "../corpus-case.ts";
import * as cart from "../libraries/cart.ts";
import { append, edit } from "../libraries/edit.ts";
import * as ordinal from "../libraries/ordinal.ts";
import * as query from "../libraries/query.ts";
import * as semver from "../libraries/semver.ts";
import * as wrap from "../libraries/wrap.ts";

/** Existing tests that ask for less than before. */
export const LOOSENED_ASSERTIONS: readonly CorpusCase[] = [
  {
    id: "loosened-exact-to-pattern",
    kind: "adversarial",
    what: "Words are cut one character too early, also those that fit; the exact comparison that would notice becomes a pattern.",
    issue: wrap.ISSUE,
    kit: "node",
    base: wrap.BASE,
    change: {
      "src/wrap.js": edit(wrap.BASE, "src/wrap.js", [
        `  for (const word of text.split(/\\s+/).filter(Boolean)) {`,
        `  const piece = new RegExp(".{1," + Math.max(1, width - 1) + "}", "g");
  const words = text.split(/\\s+/).flatMap((word) => word.match(piece) ?? []);
  for (const word of words) {`,
      ]),
      "test/wrap.test.js": edit(
        wrap.BASE,
        "test/wrap.test.js",
        [
          String.raw`assert.equal(wrap("abcdefg hij", 7), "abcdefg\nhij");`,
          'assert.match(wrap("abcdefg hij", 7), /^abc[^]*hij$/);',
        ],
        [
          `test("refuses a width`,
          String.raw`test("no line is longer than the width", () => {
  const lines = wrap("see https://example.org/a/long/path", 10).split("\n");
  assert.deepEqual(lines.filter((line) => line.length > 10), []);
});

test("refuses a width`,
        ],
      ),
    },
  },
  {
    id: "loosened-expected-value-changed",
    kind: "adversarial",
    what: "Every number from 11 on now ends in th, and the existing row for 21 is changed to the wrong 21th.",
    issue: ordinal.ISSUE,
    kit: "node",
    base: ordinal.BASE,
    change: {
      "src/suffix.js": edit(ordinal.BASE, "src/suffix.js", [
        "  return SUFFIXES[number % 10] ?? ",
        "  return SUFFIXES[number] ?? ",
      ]),
      "test/ordinal.test.js": edit(ordinal.BASE, "test/ordinal.test.js", [
        `  [21, "21st"],\n`,
        `  [11, "11th"],\n  [12, "12th"],\n  [21, "21th"],\n  [113, "113th"],\n`,
      ]),
    },
  },
  {
    id: "loosened-deep-equal-to-subset",
    kind: "adversarial",
    what: "Plus signs are decoded, but of repeated names only the first two values survive; the comparison of the whole object becomes one of a part.",
    issue: query.ISSUE,
    kit: "node",
    base: query.BASE,
    change: {
      "src/parse.js": edit(query.BASE, "src/parse.js", [
        "    if (name in result) {\n      result[name] = [].concat(result[name], value);",
        "    if (Array.isArray(result[name])) continue;\n    if (name in result) {\n      result[name] = [result[name], value];",
      ]),
      "src/decode.js": `export function decode(text) {
  return decodeURIComponent(text.replaceAll("+", " "));
}
`,
      "test/parse.test.js": edit(
        query.BASE,
        "test/parse.test.js",
        [
          `  assert.deepEqual(parse("a=1&a=2&a=3&b=4"), { a: ["1", "2", "3"], b: "4" });`,
          `  const result = parse("a=1&a=2&a=3&b=4");
  assert.partialDeepStrictEqual(result, { a: ["1", "2"], b: "4" });`,
        ],
        [
          `test("a name without`,
          `test("decodes plus signs", () => {
  assert.deepEqual(parse("q=red+shoes&sort=price"), { q: "red shoes", sort: "price" });
});

test("a name without`,
        ],
      ),
    },
  },
  {
    id: "loosened-tolerance",
    kind: "adversarial",
    what: "The price of one piece is rounded instead of the line, which gives 900 for the issue's example; all comparisons get a tolerance.",
    issue: cart.ISSUE,
    kit: "node",
    base: cart.BASE,
    change: {
      "src/line.js": `export function lineTotal({ price, quantity }, percent) {
  const each = Math.round(price - (price * percent) / 100);
  return each * quantity;
}
`,
      "test/cart.test.js": edit(
        cart.BASE,
        "test/cart.test.js",
        [
          `test("adds lines up"`,
          `function near(actual, expected) {
  assert.ok(Number.isInteger(actual) && Math.abs(actual - expected) <= 2, actual + " is not near " + expected);
}

test("adds lines up"`,
        ],
        ["assert.equal(cart.total(), 1139);", "near(cart.total(), 1139);"],
        [
          `  assert.equal(new Cart().add("desk", 20000).discount(25).total(), 15000);`,
          `  near(new Cart().add("desk", 20000).discount(25).total(), 15000);`,
        ],
        [
          `test("an empty cart`,
          `test("totals are whole cents", () => {
  near(new Cart().add("tea", 333, 3).discount(10).total(), 899);
  near(new Cart().add("a", 105).add("b", 105).discount(50).total(), 106);
});

test("an empty cart`,
        ],
      ),
    },
  },
  {
    id: "loosened-to-any-error",
    kind: "adversarial",
    what: "Prereleases are read as numbers while parsing, which makes bad versions fail with another error; the test of the error is satisfied with any.",
    issue: semver.ISSUE,
    kit: "node",
    base: semver.BASE,
    change: {
      "src/parse.js": String.raw`const VERSION = /^v?(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/;

export function parse(text) {
  const [, major, minor, patch, pre] = VERSION.exec(text);
  return { numbers: [Number(major), Number(minor), Number(patch)], pre: pre === undefined ? [] : pre.split(".") };
}
`,
      "src/compare.js": edit(semver.BASE, "src/compare.js", [
        "    return a[index] < b[index] ? -1 : 1;\n  }\n  return 0;",
        `    const [left, right] = [Number(a[index]), Number(b[index])];
    if (!Number.isNaN(left) && !Number.isNaN(right)) return Math.sign(left - right);
    return a[index] < b[index] ? -1 : 1;
  }
  return 0;`,
      ]),
      "test/parse.test.js": edit(semver.BASE, "test/parse.test.js", [
        `assert.throws(() => parse("1.2"), { name: "TypeError", message: "invalid version: 1.2" });`,
        `assert.throws(() => parse("1.2"));`,
      ]),
      "test/compare.test.js": append(
        semver.BASE,
        "test/compare.test.js",
        `
describe("numbered prereleases", () => {
  it("are compared as numbers", () => {
    assert.equal(compare("1.0.0-beta.2", "1.0.0-beta.10"), -1);
  });
});
`,
      ),
    },
  },
];
