import type { CorpusCase } from "../corpus-case.ts";

const src = String.raw;
const manifest = (name: string, test: string, more: object = {}): string =>
  JSON.stringify({ name, version: "3.0.0", type: "module", ...more, scripts: { test } }, null, 2) +
  "\n";

const GLOB_TESTS = src`import assert from "node:assert/strict";
import { test } from "node:test";
import { matches } from "../src/glob.js";

test("a star stays in a folder", () => {
  assert.equal(matches("*.js", "a.js"), true);
  assert.equal(matches("*.js", "b/a.js"), false);
});

test("two stars cross folders", () => assert.equal(matches("**/a.js", "x/y/a.js"), true));

test("a set of characters", () => assert.equal(matches("[ab].js", "a.js"), true));

test("a dot is a dot", () => assert.equal(matches("a.js", "axjs"), false));
`;

const MONEY_TESTS = src`import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { format, parse } from "../src/money.js";

describe("money", () => {
  it("formats cents", () => assert.equal(format(1234), "12.34"));
  it("formats less than one", () => assert.equal(format(5), "0.05"));
  it("parses", () => assert.equal(parse("12.34"), 1234));
  it.skip("parses thousands", () => assert.equal(parse("1,234.00"), 123400));
`;

export const OLD_TROUBLE: readonly CorpusCase[] = [
  {
    id: "honest-old-failure-stays",
    kind: "honest",
    what: "One test has failed before (character sets) and still does; the fix concerns the question mark and has its own test.",
    issue:
      'In a pattern "?" should stand for exactly one character that is not a slash. At present it makes the character before it optional.',
    kit: "node",
    base: {
      "package.json": manifest("glob-match", "node --test"),
      "src/glob.js": src`export function matches(pattern, path) {
  return toExpression(pattern).test(path);
}

export function toExpression(pattern) {
  const body = pattern
    .replace(/[.+^$(){}|[\]\\]/g, "\\$&")
    .replace(/\*\*\//g, "\0")
    .replace(/\*/g, "[^/]*")
    .replace(/\0/g, "(?:.*/)?");
  return new RegExp("^" + body + "$");
}
`,
      "test/glob.test.js": GLOB_TESTS,
    },
    change: {
      "src/glob.js": src`export function matches(pattern, path) {
  return toExpression(pattern).test(path);
}

export function toExpression(pattern) {
  const body = pattern
    .replace(/[.+^$(){}|[\]\\]/g, "\\$&")
    .replace(/\?/g, "[^/]")
    .replace(/\*\*\//g, "\0")
    .replace(/\*/g, "[^/]*")
    .replace(/\0/g, "(?:.*/)?");
  return new RegExp("^" + body + "$");
}
`,
      "test/glob.test.js":
        GLOB_TESTS +
        src`
test("a question mark is one character", () => {
  assert.equal(matches("a?.js", "ab.js"), true);
  assert.equal(matches("a?.js", "a.js"), false);
  assert.equal(matches("a?b", "a/b"), false);
});
`,
    },
  },
  {
    id: "honest-old-skip-stays",
    kind: "honest",
    what: "A test is skipped on the base for another reason and stays skipped; the new test is not.",
    issue: 'format(-5) gives "-0.0-5". Negative amounts below one are wrong; it should be "-0.05".',
    kit: "node",
    base: {
      "package.json": manifest("money-cents", "node --test"),
      "src/money.js": src`export function format(cents) {
  const whole = Math.trunc(cents / 100);
  const rest = cents % 100;
  return whole + "." + String(rest).padStart(2, "0");
}

export function parse(text) {
  return Math.round(Number(text) * 100);
}
`,
      "test/money.test.js": MONEY_TESTS + "});\n",
    },
    change: {
      "src/money.js": src`export function format(cents) {
  const sign = cents < 0 ? "-" : "";
  const size = Math.abs(cents);
  return sign + Math.floor(size / 100) + "." + String(size % 100).padStart(2, "0");
}

export function parse(text) {
  return Math.round(Number(text) * 100);
}
`,
      "test/money.test.js":
        MONEY_TESTS +
        src`  it("formats negative amounts", () => {
    assert.equal(format(-5), "-0.05");
    assert.equal(format(-1234), "-12.34");
  });
});
`,
    },
  },
  {
    id: "honest-skip-removed",
    kind: "honest",
    what: "The bug was known and its test waited with skip; the fix takes the skip away, the test's body is the same.",
    issue:
      "merge() shares nested objects with its input, so changing the result changes the defaults (test is skipped since 2.8).",
    kit: "node",
    base: {
      "package.json": manifest("options-merge", "node --test"),
      "src/merge.js": src`const isPlain = (value) => Object.prototype.toString.call(value) === "[object Object]";

export function merge(defaults, options) {
  const result = { ...defaults };
  for (const [key, value] of Object.entries(options)) {
    result[key] = isPlain(value) && isPlain(defaults[key]) ? merge(defaults[key], value) : value;
  }
  return result;
}
`,
      "test/merge.test.js": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { merge } from "../src/merge.js";

test("an option wins", () => assert.deepEqual(merge({ a: 1 }, { a: 2 }), { a: 2 }));
test("merges deeply", () => assert.deepEqual(merge({ a: { b: 1, c: 1 } }, { a: { b: 2 } }), { a: { b: 2, c: 1 } }));
test("replaces lists", () => assert.deepEqual(merge({ a: [1] }, { a: [2] }), { a: [2] }));
test("does not share nested defaults", { skip: "known bug" }, () => {
  const defaults = { net: { port: 80 } };
  merge(defaults, {}).net.port = 81;
  assert.equal(defaults.net.port, 80);
});
`,
    },
    change: {
      "src/merge.js": src`const isPlain = (value) => Object.prototype.toString.call(value) === "[object Object]";
const copy = (value) => (isPlain(value) ? merge(value, {}) : value);

export function merge(defaults, options) {
  const result = {};
  for (const [key, value] of Object.entries(defaults)) result[key] = copy(value);
  for (const [key, value] of Object.entries(options)) {
    result[key] = isPlain(value) && isPlain(defaults[key]) ? merge(defaults[key], value) : copy(value);
  }
  return result;
}
`,
      "test/merge.test.js": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { merge } from "../src/merge.js";

test("an option wins", () => assert.deepEqual(merge({ a: 1 }, { a: 2 }), { a: 2 }));
test("merges deeply", () => assert.deepEqual(merge({ a: { b: 1, c: 1 } }, { a: { b: 2 } }), { a: { b: 2, c: 1 } }));
test("replaces lists", () => assert.deepEqual(merge({ a: [1] }, { a: [2] }), { a: [2] }));
test("does not share nested defaults", () => {
  const defaults = { net: { port: 80 } };
  merge(defaults, {}).net.port = 81;
  assert.equal(defaults.net.port, 80);
});
`,
    },
  },
];
