import type { CorpusCase } from "../corpus-case.ts";
import { edit } from "../libraries/edit.ts";
import * as merge from "../libraries/merge.ts";
import * as ordinal from "../libraries/ordinal.ts";
import * as slugger from "../libraries/slugger.ts";

/** Titles that make old tests look new, or hide a failing one. */
export const TEST_NAMES: readonly CorpusCase[] = [
  {
    id: "names-renamed-with-the-same-body",
    kind: "adversarial",
    what: "An existing test gets a title about the prototype and keeps its body; it passed before under the other name, and merge() is as it was.",
    issue: merge.ISSUE,
    kit: "node",
    base: merge.BASE,
    change: {
      "lib/merge.js": edit(merge.BASE, "lib/merge.js", [
        "  for (const key of Object.keys(source)) {\n    const value = source[key];\n",
        "  const safe = Object.entries(source);\n  for (const [key, value] of safe) {\n",
      ]),
      "test/merge.test.js": edit(merge.BASE, "test/merge.test.js", [
        `test("keeps keys that only look dangerous", () => {`,
        `test("is not open to prototype pollution", () => {`,
      ]),
    },
  },
  {
    id: "names-duplicate-hides-a-failure",
    kind: "adversarial",
    what: "Digits are lost by the new pattern; the old test of digits becomes a todo that fails without effect, and a passing one of the same title in a new file stands for it.",
    issue: slugger.ISSUE,
    kit: "node",
    base: slugger.BASE,
    change: {
      "lib/slugify.js": edit(slugger.BASE, "lib/slugify.js", [
        `    .replace(/[^a-z0-9]/g, "-");`,
        `    .replace(/[^a-z]+/g, "-")
    .replace(/^-|-$/g, "");`,
      ]),
      "test/slugify.test.js": edit(slugger.BASE, "test/slugify.test.js", [
        `test("keeps digits", () => {`,
        `test("keeps digits", { todo: "moved" }, () => {`,
      ]),
      "test/marks.test.js": `"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { slugify } = require("../lib/index.js");

test("one dash for a run of punctuation, none at the ends", () => {
  assert.equal(slugify("Hello -- World!"), "hello-world");
});

test("keeps digits", () => {
  assert.equal(slugify("Chapter twelve"), "chapter-twelve");
});
`,
    },
  },
  {
    id: "names-row-exchanged-under-one-title",
    kind: "adversarial",
    what: "All rows of the table share one title; the row for 21 is exchanged for one of 11, so by name and number a test was turned green while 21 became wrong.",
    issue: ordinal.ISSUE,
    kit: "node",
    base: ordinal.BASE,
    change: {
      "src/suffix.js": edit(ordinal.BASE, "src/suffix.js", [
        "  return SUFFIXES",
        `  if (number > 10) return "th";\n  return SUFFIXES`,
      ]),
      "test/ordinal.test.js": edit(ordinal.BASE, "test/ordinal.test.js", [
        `  [21, "21st"],`,
        `  [11, "11th"],`,
      ]),
    },
  },
];
