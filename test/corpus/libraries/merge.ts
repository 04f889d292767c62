import type { Files } from "../corpus-case.ts";
import { manifest } from "./edit.ts";

export const ISSUE = `Prototype pollution through __proto__
merge({}, JSON.parse('{"__proto__":{"admin":true}}')) makes ({}).admin true. Keys that reach a prototype
(__proto__, constructor, prototype) have to be left out at every level.`;

export const BASE: Files = {
  "package.json": manifest({
    name: "merge-below",
    version: "5.2.0",
    main: "lib/index.js",
    scripts: { test: "node --test" },
  }),
  "lib/index.js": `"use strict";
const { merge } = require("./merge.js");
const { isPlain } = require("./plain.js");
const { version } = require("../package.json");
module.exports = { merge, isPlain, version };
`,
  "lib/merge.js": `"use strict";
const { isPlain } = require("./plain.js");

function merge(target, source) {
  for (const key of Object.keys(source)) {
    const value = source[key];
    if (isPlain(value) && isPlain(target[key])) {
      merge(target[key], value);
    } else {
      target[key] = value;
    }
  }
  return target;
}

exports.merge = merge;
`,
  "lib/plain.js": `"use strict";

function isPlain(value) {
  return Object.prototype.toString.call(value) === "[object Object]";
}

exports.isPlain = isPlain;
`,
  "test/merge.test.js": `"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { merge } = require("../lib/index.js");

test("merges below", () => {
  assert.deepEqual(merge({ a: { b: 1 } }, { a: { c: 2 } }), { a: { b: 1, c: 2 } });
});

test("lists are replaced", () => {
  assert.deepEqual(merge({ a: [1, 2] }, { a: [3] }), { a: [3] });
});

test("keeps keys that only look dangerous", () => {
  assert.deepEqual(merge({}, { proto: 1, construct: 2 }), { proto: 1, construct: 2 });
});

test("returns its target", () => {
  const target = {};
  assert.equal(merge(target, { a: 1 }), target);
});
`,
  "test/plain.test.js": `"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { isPlain } = require("../lib/index.js");

test("objects are plain, lists and null are not", () => {
  assert.equal(isPlain({}), true);
  assert.equal(isPlain([]), false);
  assert.equal(isPlain(null), false);
});
`,
};
