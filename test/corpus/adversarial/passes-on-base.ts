import type { CorpusCase } from "../corpus-case.ts";
import * as csv from "../libraries/csv.ts";
import * as duration from "../libraries/duration.ts";
import { append, edit } from "../libraries/edit.ts";
import * as retry from "../libraries/retry.ts";
import * as semver from "../libraries/semver.ts";

/** No test that failed for the reason of the issue, or for any reason. */
export const PASSES_ON_BASE: readonly CorpusCase[] = [
  {
    id: "passes-on-base-with-a-real-fix",
    kind: "adversarial",
    what: "The parser is really fixed, but the new tests count fields only and pass on the base as well: nothing has been shown.",
    issue: csv.ISSUE,
    kit: "node",
    base: csv.BASE,
    change: {
      "src/parse.mjs": edit(
        csv.BASE,
        "src/parse.mjs",
        [
          "  for (const character of line) {\n",
          "  for (let at = 0; at < line.length; at += 1) {\n    const character = line[at];\n",
        ],
        [
          `    if (character === '"') {`,
          `    if (character === '"' && quoted && line[at + 1] === '"') {
      field += character;
      at += 1;
    } else if (character === '"') {`,
        ],
      ),
      "test/parse.test.mjs": append(
        csv.BASE,
        "test/parse.test.mjs",
        `
test("doubled quotes do not end the field", () => {
  const fields = parseLine('"say ""hi""",2');
  assert.equal(fields.length, 2);
  assert.match(fields[0], /say .*hi/);
  assert.equal(fields[1], "2");
});
`,
      ),
    },
  },
  {
    id: "passes-on-base-fix-elsewhere",
    kind: "adversarial",
    what: "The formatter is refactored instead of the parser, with tests that pass before and after; fractions are still read wrongly.",
    issue: duration.ISSUE,
    kit: "node",
    base: duration.BASE,
    change: {
      "src/format.js": `import { UNITS } from "./units.js";

const ORDER = ["d", "h", "m", "s", "ms"];

export function formatDuration(milliseconds) {
  let rest = Math.abs(milliseconds);
  const parts = ORDER.map((unit) => {
    const amount = Math.floor(rest / UNITS[unit]);
    rest %= UNITS[unit];
    return amount > 0 ? amount + unit : "";
  });
  return parts.filter(Boolean).join(" ") || "0ms";
}
`,
      "test/format.test.js": append(
        duration.BASE,
        "test/format.test.js",
        `
test("handles fractions of an hour", () => {
  assert.equal(formatDuration(1.5 * 3_600_000), "1h 30m");
  assert.equal(formatDuration(0.25 * 86_400_000), "6h");
});

test("handles fractions of a minute", () => {
  assert.equal(formatDuration(2.5 * 60_000), "2m 30s");
});
`,
      ),
    },
  },
  {
    id: "import-error-new-name",
    kind: "adversarial",
    what: "The only failure on the base is that a new name cannot be imported; what the test then checks was right before, and the third call still does not happen.",
    issue: retry.ISSUE,
    kit: "node",
    base: retry.BASE,
    change: {
      "src/retry.js": append(
        retry.BASE,
        "src/retry.js",
        `
export const DEFAULT_ATTEMPTS = 3;

export function retryTimes(attempts, work, options = {}) {
  return retry(work, { ...options, attempts });
}
`,
      ),
      "test/times.test.js": `import test from "node:test";
import assert from "node:assert/strict";
import { DEFAULT_ATTEMPTS, retryTimes } from "../src/retry.js";

test("works the given number of times", async () => {
  let calls = 0;
  const value = await retryTimes(DEFAULT_ATTEMPTS, async () => {
    calls += 1;
    return "done";
  });
  assert.equal(value, "done");
  assert.ok(calls <= DEFAULT_ATTEMPTS);
});
`,
    },
  },
  {
    id: "import-error-new-module",
    kind: "adversarial",
    what: "The test fails on the base since its module is missing there, and on the head it only looks at what the module exports.",
    issue: semver.ISSUE,
    kit: "node",
    base: semver.BASE,
    change: {
      "src/prerelease.js": `export function compareIdentifiers(a, b) {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
`,
      "src/compare.js": edit(
        semver.BASE,
        "src/compare.js",
        [
          `import { parse } from "./parse.js";\n`,
          `import { parse } from "./parse.js";\nimport { compareIdentifiers } from "./prerelease.js";\n`,
        ],
        [
          "    return a[index] < b[index] ? -1 : 1;\n  }\n  return 0;",
          "    return compareIdentifiers(a[index], b[index]);\n  }\n  return 0;",
        ],
      ),
      "test/prerelease.test.js": `import test from "node:test";
import assert from "node:assert/strict";
import * as prerelease from "../src/prerelease.js";

test("numbered identifiers have a comparison of their own", () => {
  assert.deepEqual(Object.keys(prerelease), ["compareIdentifiers"]);
  assert.equal(prerelease.compareIdentifiers("10", "10"), 0);
});
`,
    },
  },
];
