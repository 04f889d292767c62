import type { CorpusCase } from "../corpus-case.ts";

const src = String.raw;
const json = (value: object): string => JSON.stringify(value, null, 2) + "\n";
const root = json({
  name: "acme-root",
  private: true,
  type: "module",
  workspaces: ["packages/*"],
  scripts: { test: "npm test --workspaces" },
});
const member = (name: string, test: string): string =>
  json({
    name: "@acme/" + name,
    version: "1.0.0",
    type: "module",
    exports: "./src/index.js",
    scripts: { test },
  });

export const MONOREPO: readonly CorpusCase[] = [
  {
    id: "honest-workspaces-two-packages",
    kind: "honest",
    what: "The same mistake in two packages, one tested by node:test and one by vitest, is fixed and tested in both.",
    issue:
      "Sizes use 1000 in @acme/format and 1024 in @acme/parse, so parse(format(n)) is not n. Both should use 1024 for kB.",
    kit: "workspaces",
    base: {
      "package.json": root,
      "packages/format/package.json": member("format", "node --test"),
      "packages/format/src/index.js": src`const UNITS = ["B", "kB", "MB", "GB"];

export function format(bytes) {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return Number(value.toFixed(1)) + " " + UNITS[unit];
}
`,
      "packages/format/test/format.test.js": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { format } from "../src/index.js";

test("bytes", () => assert.equal(format(12), "12 B"));
test("nothing", () => assert.equal(format(0), "0 B"));
`,
      "packages/parse/package.json": member("parse", "vitest run"),
      "packages/parse/src/index.js": src`const FACTORS = { B: 1, kB: 1024, MB: 1024 * 1000, GB: 1024 * 1000 * 1000 };

export function parse(text) {
  const match = /^(\d+(?:\.\d+)?)\s*([kMG]?B)$/.exec(text);
  if (!match) throw new SyntaxError("not a size: " + text);
  return Number(match[1]) * FACTORS[match[2]];
}
`,
      "packages/parse/test/parse.test.js": src`import { expect, it } from "vitest";
import { parse } from "../src/index.js";

it("reads bytes", () => expect(parse("12 B")).toBe(12));
it("reads kB", () => expect(parse("2kB")).toBe(2048));
it("refuses words", () => expect(() => parse("much")).toThrow(SyntaxError));
`,
    },
    change: {
      "packages/format/src/index.js": src`const UNITS = ["B", "kB", "MB", "GB"];
const STEP = 1024;

export function format(bytes) {
  let value = bytes;
  let unit = 0;
  while (value >= STEP && unit < UNITS.length - 1) {
    value /= STEP;
    unit += 1;
  }
  return Number(value.toFixed(1)) + " " + UNITS[unit];
}
`,
      "packages/format/test/steps.test.js": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { format } from "../src/index.js";

test("a step is 1024", () => {
  assert.equal(format(1000), "1000 B");
  assert.equal(format(2048), "2 kB");
  assert.equal(format(3 * 1024 * 1024), "3 MB");
});
`,
      "packages/parse/src/index.js": src`const STEP = 1024;
const FACTORS = { B: 1, kB: STEP, MB: STEP ** 2, GB: STEP ** 3 };

export function parse(text) {
  const match = /^(\d+(?:\.\d+)?)\s*([kMG]?B)$/.exec(text);
  if (!match) throw new SyntaxError("not a size: " + text);
  return Number(match[1]) * FACTORS[match[2]];
}
`,
      "packages/parse/test/parse.test.js": src`import { expect, it } from "vitest";
import { parse } from "../src/index.js";

it("reads bytes", () => expect(parse("12 B")).toBe(12));
it("reads kB", () => expect(parse("2kB")).toBe(2048));
it("reads MB and GB", () => {
  expect(parse("3 MB")).toBe(3_145_728);
  expect(parse("1 GB")).toBe(1_073_741_824);
});
it("refuses words", () => expect(() => parse("much")).toThrow(SyntaxError));
`,
    },
  },
  {
    id: "honest-workspaces-one-of-three",
    kind: "honest",
    what: "Three packages; one has the bug and gets the fix and the test, the others are not touched.",
    issue: "@acme/list: chunk([], 2) returns [[]] instead of [].",
    kit: "workspaces",
    base: {
      "package.json": root,
      "packages/list/package.json": member("list", "vitest run"),
      "packages/list/src/index.js": src`export function chunk(list, size) {
  const chunks = [];
  let at = 0;
  do {
    chunks.push(list.slice(at, at + size));
    at += size;
  } while (at < list.length);
  return chunks;
}
`,
      "packages/list/test/chunk.test.js": src`import { describe, expect, it } from "vitest";
import { chunk } from "../src/index.js";

describe("chunk", () => {
  it("cuts evenly", () => expect(chunk([1, 2, 3, 4], 2)).toEqual([[1, 2], [3, 4]]));
  it("leaves a rest", () => expect(chunk([1, 2, 3], 2)).toEqual([[1, 2], [3]]));
});
`,
      "packages/text/package.json": member("text", "node --test"),
      "packages/text/src/index.js": 'export const shout = (text) => text.toUpperCase() + "!";\n',
      "packages/text/test/shout.test.js": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { shout } from "../src/index.js";

test("shouts", () => assert.equal(shout("hey"), "HEY!"));
`,
      "packages/math/package.json": member("math", "node --test"),
      "packages/math/src/index.js":
        "export const clamp = (value, low, high) => Math.min(Math.max(value, low), high);\n",
      "packages/math/test/clamp.test.js": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { clamp } from "../src/index.js";

test("clamps", () => assert.deepEqual([-1, 0.5, 2].map((value) => clamp(value, 0, 1)), [0, 0.5, 1]));
`,
    },
    change: {
      "packages/list/src/index.js": src`export function chunk(list, size) {
  const chunks = [];
  for (let at = 0; at < list.length; at += size) chunks.push(list.slice(at, at + size));
  return chunks;
}
`,
      "packages/list/test/chunk.test.js": src`import { describe, expect, it } from "vitest";
import { chunk } from "../src/index.js";

describe("chunk", () => {
  it("cuts evenly", () => expect(chunk([1, 2, 3, 4], 2)).toEqual([[1, 2], [3, 4]]));
  it("leaves a rest", () => expect(chunk([1, 2, 3], 2)).toEqual([[1, 2], [3]]));
  it("has no chunk of an empty list", () => expect(chunk([], 2)).toEqual([]));
});
`,
    },
  },
];
