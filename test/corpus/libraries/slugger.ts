import type { Files } from "../corpus-case.ts";
import { manifest } from "./edit.ts";

export const ISSUE = `Runs of punctuation give several dashes
slugify("Hello -- World!") returns "hello----world-". I expect "hello-world": one dash between words and none at
the ends, whatever the punctuation.`;

export const BASE: Files = {
  "package.json": manifest({
    name: "tiny-slugger",
    version: "1.4.2",
    main: "lib/index.js",
    scripts: { test: "node --test" },
  }),
  "lib/index.js": `"use strict";
exports.slugify = require("./slugify.js").slugify;
exports.createSlugger = require("./unique.js").createSlugger;
`,
  "lib/slugify.js": String.raw`"use strict";

const MARKS = /[\u0300-\u036f]/g;

function slugify(text) {
  return String(text)
    .normalize("NFKD")
    .replace(MARKS, "")
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "-");
}

exports.slugify = slugify;
`,
  "lib/unique.js": `"use strict";
const { slugify } = require("./slugify.js");

function createSlugger() {
  const seen = new Map();
  return function slug(text) {
    const plain = slugify(text);
    const count = seen.get(plain) ?? 0;
    seen.set(plain, count + 1);
    return count === 0 ? plain : plain + "-" + count;
  };
}

exports.createSlugger = createSlugger;
`,
  "test/slugify.test.js": `"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { slugify } = require("../lib/index.js");

test("lowers the case and joins words", () => {
  assert.equal(slugify("Release Notes"), "release-notes");
});

test("drops accents", () => {
  assert.equal(slugify("Crème brûlée"), "creme-brulee");
});

test("keeps digits", () => {
  assert.equal(slugify("Chapter 12"), "chapter-12");
});
`,
  "test/unique.test.js": `"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { createSlugger } = require("../lib/index.js");

test("numbers repeated titles", () => {
  const slug = createSlugger();
  assert.equal(slug("Usage"), "usage");
  assert.equal(slug("Usage"), "usage-1");
});

test("sluggers do not share their state", () => {
  assert.equal(createSlugger()("Usage"), "usage");
  assert.equal(createSlugger()("Usage"), "usage");
});
`,
};
