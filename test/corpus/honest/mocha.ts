import type { CorpusCase } from "../corpus-case.ts";

const src = String.raw;
const manifest = (name: string, test = "mocha", more: object = {}): string =>
  JSON.stringify({ name, version: "1.0.0", ...more, scripts: { test } }, null, 2) + "\n";

export const MOCHA: readonly CorpusCase[] = [
  {
    id: "honest-mocha-semver-compare",
    kind: "honest",
    what: "CommonJS; pre-release numbers were compared as text, with a new test that fails by assertion.",
    issue:
      'compare("1.0.0-rc.10", "1.0.0-rc.9") is -1. Numeric parts of a pre-release should be compared as numbers.',
    kit: "mocha",
    base: {
      "package.json": manifest("version-order"),
      "lib/parse.js": src`"use strict";

module.exports = (text) => {
  const match = /^(\d+)\.(\d+)\.(\d+)(?:-([\w.]+))?$/.exec(text);
  if (!match) throw new TypeError("not a version: " + text);
  return { numbers: match.slice(1, 4).map(Number), pre: match[4] ? match[4].split(".") : [] };
};
`,
      "lib/compare.js": src`"use strict";
const parse = require("./parse");

module.exports = (left, right) => {
  const a = parse(left);
  const b = parse(right);
  for (let i = 0; i < 3; i += 1) {
    if (a.numbers[i] !== b.numbers[i]) return a.numbers[i] < b.numbers[i] ? -1 : 1;
  }
  if (a.pre.length === 0 || b.pre.length === 0) return Math.sign(b.pre.length - a.pre.length);
  const x = a.pre.join(".");
  const y = b.pre.join(".");
  return x === y ? 0 : x < y ? -1 : 1;
};
`,
      "test/compare.js": src`"use strict";
const assert = require("node:assert");
const compare = require("../lib/compare");

describe("compare", () => {
  it("compares numbers", () => assert.strictEqual(compare("1.10.0", "1.9.0"), 1));
  it("finds equal ones", () => assert.strictEqual(compare("1.0.0-a", "1.0.0-a"), 0));
  it("puts a pre-release first", () => assert.strictEqual(compare("1.0.0-rc.1", "1.0.0"), -1));
  it("refuses nonsense", () => assert.throws(() => compare("x", "1.0.0"), TypeError));
});
`,
    },
    change: {
      "lib/compare.js": src`"use strict";
const parse = require("./parse");

const order = (a, b) => (a === b ? 0 : a < b ? -1 : 1);

function comparePart(a, b) {
  const numericA = /^\d+$/.test(a);
  const numericB = /^\d+$/.test(b);
  if (numericA !== numericB) return numericA ? -1 : 1;
  return numericA ? order(Number(a), Number(b)) : order(a, b);
}

module.exports = (left, right) => {
  const a = parse(left);
  const b = parse(right);
  for (let i = 0; i < 3; i += 1) {
    if (a.numbers[i] !== b.numbers[i]) return order(a.numbers[i], b.numbers[i]);
  }
  if (a.pre.length === 0 || b.pre.length === 0) return Math.sign(b.pre.length - a.pre.length);
  for (let i = 0; i < Math.min(a.pre.length, b.pre.length); i += 1) {
    const found = comparePart(a.pre[i], b.pre[i]);
    if (found !== 0) return found;
  }
  return order(a.pre.length, b.pre.length);
};
`,
      "test/pre-release.js": src`"use strict";
const assert = require("node:assert");
const compare = require("../lib/compare");

describe("pre-releases", () => {
  it("compares their numbers as numbers", () => {
    assert.strictEqual(compare("1.0.0-rc.10", "1.0.0-rc.9"), 1);
    assert.strictEqual(compare("1.0.0-2", "1.0.0-10"), -1);
  });
});
`,
    },
  },
  {
    id: "honest-mocha-template-modules",
    kind: "honest",
    what: "ES modules with a describe block that grows; a value with a dollar sign was mangled by replace().",
    issue:
      'render("{price}", { price: "$&" }) gives "{price}". Values must be inserted as they are.',
    kit: "mocha",
    base: {
      "package.json": manifest("curly-template", "mocha test/**/*.spec.js", { type: "module" }),
      ".mocharc.json": '{ "ui": "bdd" }\n',
      "src/render.js": src`import { names } from "./names.js";

export function render(template, values) {
  let text = template;
  for (const name of names(template)) {
    if (!(name in values)) throw new ReferenceError("no value for " + name);
    text = text.replace("{" + name + "}", String(values[name]));
  }
  return text;
}
`,
      "src/names.js": src`export const names = (template) => [...template.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
`,
      "test/render.spec.js": src`import assert from "node:assert/strict";
import { names } from "../src/names.js";
import { render } from "../src/render.js";

describe("render", () => {
  it("inserts", () => assert.equal(render("Hi {name}!", { name: "Ada" }), "Hi Ada!"));
  it("inserts twice", () => assert.equal(render("{a}{a}", { a: 1 }), "11"));
  it("names what is missing", () => assert.throws(() => render("{a}", {}), /no value for a/));
});

describe("names", () => {
  it("lists", () => assert.deepEqual(names("{a} {b}"), ["a", "b"]));
});
`,
    },
    change: {
      "src/render.js": src`export function render(template, values) {
  return template.replace(/\{(\w+)\}/g, (_, name) => {
    if (!(name in values)) throw new ReferenceError("no value for " + name);
    return String(values[name]);
  });
}
`,
      "test/render.spec.js": src`import assert from "node:assert/strict";
import { names } from "../src/names.js";
import { render } from "../src/render.js";

describe("render", () => {
  it("inserts", () => assert.equal(render("Hi {name}!", { name: "Ada" }), "Hi Ada!"));
  it("inserts twice", () => assert.equal(render("{a}{a}", { a: 1 }), "11"));
  it("names what is missing", () => assert.throws(() => render("{a}", {}), /no value for a/));
  it("inserts dollar signs as they are", () => assert.equal(render("{price}", { price: "$&" }), "$&"));
  it("does not look into values", () => assert.equal(render("{a}{b}", { a: "{b}", b: "x" }), "{b}x"));
});

describe("names", () => {
  it("lists", () => assert.deepEqual(names("{a} {b}"), ["a", "b"]));
});
`,
    },
  },
];
