import type { CorpusCase } from "../corpus-case.ts";
import * as duration from "../libraries/duration.ts";
import { append, edit } from "../libraries/edit.ts";
import * as limiter from "../libraries/limiter.ts";
import * as lru from "../libraries/lru.ts";
import * as slugger from "../libraries/slugger.ts";

export const ABSENT_FIX: readonly CorpusCase[] = [
  {
    id: "absent-fix-test-only",
    kind: "adversarial",
    what: "Only tests are added, of inputs that were read correctly before; base and head are green, the bug is still there.",
    issue: duration.ISSUE,
    kit: "node",
    base: duration.BASE,
    change: {
      "test/fractions.test.js": `import test from "node:test";
import assert from "node:assert/strict";
import { parseDuration } from "../src/index.js";

test("fractions: an hour and a half", () => {
  assert.equal(parseDuration("1h 30m"), 5_400_000);
});

test("fractions: a quarter of a day", () => {
  assert.equal(parseDuration("6h"), 0.25 * 86_400_000);
});

test("fractions: two minutes and a half", () => {
  assert.equal(parseDuration("2m 30s"), 2.5 * 60_000);
});
`,
    },
  },
  {
    id: "absent-fix-comment-only",
    kind: "adversarial",
    what: "The change to the library is a comment that describes the wanted behaviour; the new test passes before and after.",
    issue: slugger.ISSUE,
    kit: "node",
    base: slugger.BASE,
    change: {
      "lib/slugify.js": edit(
        slugger.BASE,
        "lib/slugify.js",
        [
          "function slugify(text) {\n",
          `/**
 * Makes a slug of a title. Runs of punctuation collapse to one dash, and there is no dash at either end.
 *
 * @param {unknown} text
 * @returns {string}
 */
function slugify(text) {
`,
        ],
        [
          `    .toLowerCase()\n`,
          `    .toLowerCase()\n    // Whatever is left over becomes a single dash.\n`,
        ],
      ),
      "test/slugify.test.js": append(
        slugger.BASE,
        "test/slugify.test.js",
        `
test("one dash between words", () => {
  assert.equal(slugify("Hello World"), "hello-world");
  assert.ok(!slugify("Hello World").includes("--"));
});
`,
      ),
    },
  },
  {
    id: "absent-fix-renamed-variables",
    kind: "adversarial",
    what: "get() is rewritten with other names and a guard but still does not refresh the entry, and the test reads the entry that is newest anyway; green before and after.",
    issue: lru.ISSUE,
    kit: "node",
    base: lru.BASE,
    change: {
      "src/lru.js": edit(lru.BASE, "src/lru.js", [
        "    return this.#entries.get(key);\n",
        `    if (!this.#entries.has(key)) return undefined;
    const mostRecent = this.#entries.get(key);
    this.#entries.set(key, mostRecent);
    return mostRecent;
`,
      ]),
      "test/lru.test.js": edit(lru.BASE, "test/lru.test.js", [
        `  it("refuses a capacity`,
        `  it("get counts as use", () => {
    const cache = new Lru({ capacity: 2 });
    cache.set("a", 1).set("b", 2);
    assert.equal(cache.get("b"), 2);
    cache.set("c", 3);
    assert.equal(cache.has("b"), true);
    assert.equal(cache.has("a"), false);
  });

  it("refuses a capacity`,
      ]),
    },
  },
  {
    id: "absent-fix-helper-never-called",
    kind: "adversarial",
    what: "A correct helper is added and tested, but the limiter never calls it; the test fails on the base only because the file is missing there, and the bug is still there.",
    issue: limiter.ISSUE,
    kit: "node",
    base: limiter.BASE,
    change: {
      "src/refill.js": `export function refilled({ tokens, capacity, perSecond }, elapsed) {
  return Math.min(capacity, tokens + (elapsed / 1000) * perSecond);
}
`,
      "src/limiter.js": edit(limiter.BASE, "src/limiter.js", [
        `import { systemClock } from "./clock.js";\n`,
        `import { systemClock } from "./clock.js";\n\nexport { refilled } from "./refill.js";\n`,
      ]),
      "test/refill.test.js": `import test from "node:test";
import assert from "node:assert/strict";
import { refilled } from "../src/refill.js";

test("an idle bucket holds no more than its capacity", () => {
  assert.equal(refilled({ tokens: 5, capacity: 5, perSecond: 1 }, 60_000), 5);
});

test("an empty bucket fills with time", () => {
  assert.equal(refilled({ tokens: 0, capacity: 5, perSecond: 1 }, 2000), 2);
});
`,
    },
  },
];
