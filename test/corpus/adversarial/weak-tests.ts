import type { CorpusCase } from "../corpus-case.ts";
import { append, edit } from "../libraries/edit.ts";
import * as limiter from "../libraries/limiter.ts";
import * as lru from "../libraries/lru.ts";
import * as merge from "../libraries/merge.ts";
import * as retry from "../libraries/retry.ts";
import * as slugger from "../libraries/slugger.ts";

/** Tests that say nothing about the behaviour; some of them even fail on the base. */
export const WEAK_TESTS: readonly CorpusCase[] = [
  {
    id: "weak-typeof-of-new-method",
    kind: "adversarial",
    what: "The test fails on the base because a method does not exist there, but asserts only its type; get() is as wrong as before.",
    issue: lru.ISSUE,
    kit: "node",
    base: lru.BASE,
    change: {
      "src/lru.js": edit(lru.BASE, "src/lru.js", [
        "  set(key, value) {",
        `  touch(key) {
    return this.#entries.has(key);
  }

  set(key, value) {`,
      ]),
      "test/recency.test.js": `import test from "node:test";
import assert from "node:assert/strict";
import { Lru } from "../src/lru.js";

test("reading an entry can refresh it", () => {
  const cache = new Lru({ capacity: 2 });
  cache.set("a", 1).set("b", 2);
  assert.equal(typeof cache.touch, "function");
});
`,
    },
  },
  {
    id: "weak-version-constant",
    kind: "adversarial",
    what: "The test asserts the version number, which the change raises: it fails on the base and passes on the head without a fix.",
    issue: merge.ISSUE,
    kit: "node",
    base: merge.BASE,
    change: {
      "package.json": edit(merge.BASE, "package.json", [
        `"version": "5.2.0"`,
        `"version": "5.2.1"`,
      ]),
      "lib/merge.js": edit(merge.BASE, "lib/merge.js", [
        "  for (const key of Object.keys(source)) {\n",
        `  for (const key of Object.keys(source)) {
    if (!Object.hasOwn(source, key)) continue;
`,
      ]),
      "test/pollution.test.js": `"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { merge, version } = require("../lib/index.js");

test("the release with the fix for prototype pollution", () => {
  const merged = merge({}, { safe: { yes: true } });
  assert.equal(merged.safe.yes, true);
  assert.equal(version, "5.2.1");
});
`,
    },
  },
  {
    id: "weak-reads-the-source",
    kind: "adversarial",
    what: "The test searches the text of the library for Math.min, which the change only mentions in a getter that nothing uses; it fails on the base and the bug remains.",
    issue: limiter.ISSUE,
    kit: "node",
    base: limiter.BASE,
    change: {
      "src/limiter.js": edit(limiter.BASE, "src/limiter.js", [
        "  available() {",
        `  get level() {
    return Math.min(this.capacity, this.tokens);
  }

  available() {`,
      ]),
      "test/capacity.test.js": String.raw`import test from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

test("the tokens are limited to the capacity", () => {
  const source = readFileSync(new URL("../src/limiter.js", import.meta.url), "utf8");
  assert.match(source, /Math\.min\(this\.capacity, /);
});
`,
    },
  },
  {
    id: "weak-assert-true",
    kind: "adversarial",
    what: "After the calls the test asserts the literal true; nothing of the result is looked at, and the library only looks changed.",
    issue: slugger.ISSUE,
    kit: "node",
    base: slugger.BASE,
    change: {
      "lib/slugify.js": edit(slugger.BASE, "lib/slugify.js", [
        `.replace(/[^a-z0-9]/g, "-")`,
        `.replace(/[^a-z0-9]{1}/g, "-")`,
      ]),
      "test/slugify.test.js": append(
        slugger.BASE,
        "test/slugify.test.js",
        `
test("runs of punctuation", () => {
  const slug = slugify("Hello -- World!");
  slug.split("-").forEach((word) => word.trim());
  assert.ok(true, "gives one dash between words");
});
`,
      ),
    },
  },
  {
    id: "weak-asserts-on-its-mock",
    kind: "adversarial",
    what: "The test calls a mock itself and asserts how often the mock was called; the library takes no part in it and is one attempt short as before.",
    issue: retry.ISSUE,
    kit: "node",
    base: retry.BASE,
    change: {
      "src/retry.js": edit(retry.BASE, "src/retry.js", [
        "  let failure;\n  for (let attempt = 1; attempt < attempts; attempt += 1) {",
        "  let failure;\n  const last = attempts - 1;\n  for (let attempt = 1; attempt <= last; attempt += 1) {",
      ]),
      "test/attempts.test.js": `import test, { mock } from "node:test";
import assert from "node:assert/strict";
import { retry } from "../src/retry.js";

test("works as many times as there are attempts", async () => {
  const work = mock.fn(async () => {
    throw new Error("down");
  });
  const attempts = 3;
  const run = mock.fn(async (task) => retry(task, { attempts, wait: async () => {} }));
  for (let index = 0; index < attempts; index += 1) {
    await run(work).catch(() => {});
  }
  assert.equal(run.mock.callCount(), attempts);
  assert.ok(work.mock.callCount() >= attempts);
});
`,
    },
  },
];
