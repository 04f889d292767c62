import type { Files } from "../corpus-case.ts";
import { manifest } from "./edit.ts";

export const ISSUE = `Prereleases are ordered as text
compare("1.0.0-beta.2", "1.0.0-beta.10") returns 1. Identifiers that are numbers must be compared as numbers, so it
has to return -1. sort() puts beta.10 before beta.2 for the same reason.`;

export const BASE: Files = {
  "package.json": manifest({
    name: "semver-order",
    version: "4.0.2",
    type: "module",
    exports: "./src/index.js",
    scripts: { test: "node --test" },
  }),
  "src/index.js": `export { parse } from "./parse.js";
export { compare, sort } from "./compare.js";
`,
  "src/parse.js": String.raw`const VERSION = /^v?(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/;

export function parse(text) {
  const match = VERSION.exec(text);
  if (match === null) throw new TypeError("invalid version: " + text);
  const [, major, minor, patch, pre] = match;
  return { numbers: [Number(major), Number(minor), Number(patch)], pre: pre === undefined ? [] : pre.split(".") };
}
`,
  "src/compare.js": `import { parse } from "./parse.js";

export function compare(left, right) {
  const a = parse(left);
  const b = parse(right);
  for (let index = 0; index < 3; index += 1) {
    if (a.numbers[index] !== b.numbers[index]) return a.numbers[index] < b.numbers[index] ? -1 : 1;
  }
  return comparePre(a.pre, b.pre);
}

function comparePre(a, b) {
  if (a.length === 0 || b.length === 0) return Math.sign(b.length - a.length);
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    if (a[index] === b[index]) continue;
    if (a[index] === undefined) return -1;
    if (b[index] === undefined) return 1;
    return a[index] < b[index] ? -1 : 1;
  }
  return 0;
}

export function sort(versions) {
  return [...versions].sort(compare);
}
`,
  "test/compare.test.js": `import { describe, it } from "node:test";
import assert from "node:assert/strict";
import { compare, sort } from "../src/index.js";

describe("compare", () => {
  it("compares numbers as numbers", () => {
    assert.equal(compare("1.10.0", "1.9.0"), 1);
  });

  it("a prerelease comes before its release", () => {
    assert.equal(compare("1.0.0-rc.1", "1.0.0"), -1);
  });

  it("prereleases of words", () => {
    assert.equal(compare("1.0.0-alpha", "1.0.0-beta"), -1);
    assert.equal(compare("1.0.0-alpha", "1.0.0-alpha.1"), -1);
  });

  it("ignores what was built", () => {
    assert.equal(compare("1.0.0+a", "1.0.0+b"), 0);
  });
});

describe("sort", () => {
  it("gives a new, ordered list", () => {
    const list = ["2.0.0", "1.0.0", "1.5.0"];
    assert.deepEqual(sort(list), ["1.0.0", "1.5.0", "2.0.0"]);
    assert.deepEqual(list, ["2.0.0", "1.0.0", "1.5.0"]);
  });
});
`,
  "test/parse.test.js": `import test from "node:test";
import assert from "node:assert/strict";
import { parse } from "../src/index.js";

test("reads the parts", () => {
  assert.deepEqual(parse("v1.2.3-rc.1"), { numbers: [1, 2, 3], pre: ["rc", "1"] });
});

test("refuses what is not a version, and names it", () => {
  assert.throws(() => parse("1.2"), { name: "TypeError", message: "invalid version: 1.2" });
});
`,
};
