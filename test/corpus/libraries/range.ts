import type { Files } from "../corpus-case.ts";
import { manifest } from "./edit.ts";

export const ISSUE = `range() with a negative step is empty
range(5, 0, -2) returns []. It should count down: [5, 3, 1].`;

/** For tape. */
export const BASE: Files = {
  "package.json": manifest({
    name: "count-range",
    version: "1.0.2",
    main: "index.js",
    scripts: { test: "tape 'test/*.js'" },
  }),
  "index.js": `"use strict";
const { checked } = require("./lib/step.js");

module.exports = function range(from, to, step) {
  if (to === undefined) return range(0, from);
  const by = checked(step === undefined ? 1 : step);
  const list = [];
  for (let value = from; value < to; value += by) list.push(value);
  return list;
};
`,
  "lib/step.js": `"use strict";

exports.checked = function checked(step) {
  if (step === 0 || Number.isNaN(step)) throw new RangeError("step must not be 0");
  return step;
};
`,
  "test/range.js": `"use strict";
const test = require("tape");
const range = require("../index.js");

test("one argument counts from 0", (t) => {
  t.deepEqual(range(3), [0, 1, 2]);
  t.end();
});

test("from, to and step", (t) => {
  t.plan(2);
  t.deepEqual(range(2, 5), [2, 3, 4]);
  t.deepEqual(range(0, 10, 4), [0, 4, 8]);
});

test("an empty range", (t) => {
  t.deepEqual(range(5, 5), []);
  t.end();
});

test("refuses a step of 0", (t) => {
  t.throws(() => range(0, 3, 0), RangeError);
  t.end();
});
`,
};
