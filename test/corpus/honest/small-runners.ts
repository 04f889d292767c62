import type { CorpusCase } from "../corpus-case.ts";

const src = String.raw;
const manifest = (name: string, test: string, more: object = {}): string =>
  JSON.stringify({ name, version: "1.0.0", ...more, scripts: { test } }, null, 2) + "\n";

export const SMALL_RUNNERS: readonly CorpusCase[] = [
  {
    id: "honest-ava-diff-lists",
    kind: "honest",
    what: "ava with ES modules; equal items at the end were reported as changed, a new test shows it.",
    issue:
      "diff([1, 2], [2]) reports both items as removed and 2 as added. It should only report that 1 was removed.",
    kit: "ava",
    base: {
      "package.json": manifest("list-diff", "ava", { type: "module" }),
      "src/diff.js": src`export function diff(before, after) {
  const removed = [];
  const added = [];
  for (let i = 0; i < Math.max(before.length, after.length); i += 1) {
    if (before[i] === after[i]) continue;
    if (i < before.length) removed.push(before[i]);
    if (i < after.length) added.push(after[i]);
  }
  return { removed, added };
}
`,
      "src/index.js": 'export { diff } from "./diff.js";\n',
      "test/diff.js": src`import test from "ava";
import { diff } from "../src/index.js";

test("nothing changed", (t) => t.deepEqual(diff([1, 2], [1, 2]), { removed: [], added: [] }));
test("added at the end", (t) => t.deepEqual(diff([1], [1, 2]), { removed: [], added: [2] }));
test("replaced", (t) => t.deepEqual(diff(["a"], ["b"]), { removed: ["a"], added: ["b"] }));
`,
    },
    change: {
      "src/diff.js": src`function take(from, items) {
  const rest = [...from];
  for (const item of items) {
    const at = rest.indexOf(item);
    if (at >= 0) rest.splice(at, 1);
  }
  return rest;
}

export function diff(before, after) {
  return { removed: take(before, after), added: take(after, before) };
}
`,
      "test/diff.js": src`import test from "ava";
import { diff } from "../src/index.js";

test("nothing changed", (t) => t.deepEqual(diff([1, 2], [1, 2]), { removed: [], added: [] }));
test("added at the end", (t) => t.deepEqual(diff([1], [1, 2]), { removed: [], added: [2] }));
test("replaced", (t) => t.deepEqual(diff(["a"], ["b"]), { removed: ["a"], added: ["b"] }));
test("removed at the start", (t) => t.deepEqual(diff([1, 2], [2]), { removed: [1], added: [] }));
test("counts repeated items", (t) => t.deepEqual(diff([1, 1, 2], [1]), { removed: [1, 2], added: [] }));
`,
    },
  },
  {
    id: "honest-tape-hex-color",
    kind: "honest",
    what: "tape and CommonJS; short hex colours are read, in a new test with plan().",
    issue: 'toRgb("#fa0") gives [250, NaN, NaN]. The short form with three digits should work.',
    kit: "tape",
    base: {
      "package.json": manifest("hex-rgb-small", "tape test/*.js"),
      "index.js": src`"use strict";

exports.toRgb = (text) => {
  const digits = text.replace("#", "");
  if (!/^[\da-f]+$/i.test(digits)) throw new SyntaxError("not a colour: " + text);
  return [0, 2, 4].map((at) => parseInt(digits.slice(at, at + 2), 16));
};

exports.toHex = (rgb) => "#" + rgb.map((value) => value.toString(16).padStart(2, "0")).join("");
`,
      "README.md": "# hex-rgb-small\n\n`toRgb` and `toHex`.\n",
      "test/color.js": src`"use strict";
const test = require("tape");
const { toHex, toRgb } = require("..");

test("reads six digits", (t) => {
  t.deepEqual(toRgb("#ff8000"), [255, 128, 0]);
  t.end();
});

test("writes", (t) => {
  t.equal(toHex([255, 8, 0]), "#ff0800");
  t.end();
});

test("refuses words", (t) => {
  t.throws(() => toRgb("red"), SyntaxError);
  t.end();
});
`,
    },
    change: {
      "index.js": src`"use strict";

exports.toRgb = (text) => {
  let digits = text.replace("#", "");
  if (!/^(?:[\da-f]{3}|[\da-f]{6})$/i.test(digits)) throw new SyntaxError("not a colour: " + text);
  if (digits.length === 3) digits = digits.replace(/./g, "$&$&");
  return [0, 2, 4].map((at) => parseInt(digits.slice(at, at + 2), 16));
};

exports.toHex = (rgb) => "#" + rgb.map((value) => value.toString(16).padStart(2, "0")).join("");
`,
      "test/short.js": src`"use strict";
const test = require("tape");
const { toHex, toRgb } = require("..");

test("reads three digits", (t) => {
  t.plan(3);
  t.deepEqual(toRgb("#fa0"), [255, 170, 0]);
  t.equal(toHex(toRgb("fff")), "#ffffff");
  t.throws(() => toRgb("#ffff"), SyntaxError);
});
`,
    },
  },
];
