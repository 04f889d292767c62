import type { Files } from "../corpus-case.ts";
import { manifest } from "./edit.ts";

export const ISSUE = `Fractions are read wrongly
parseDuration("1.5h") gives 18000000 (five hours). I expect 5400000. The same happens with every other fraction:
"0.25d" gives 25 days, "2.5 m" gives 5 minutes.`;

export const BASE: Files = {
  "package.json": manifest({
    name: "span-parse",
    version: "2.1.0",
    type: "module",
    exports: "./src/index.js",
    scripts: { test: "node --test" },
  }),
  "README.md": "# span-parse\n\nReads durations such as `1h 30m` and writes them back.\n",
  "src/index.js": `export { parseDuration } from "./parse.js";
export { formatDuration } from "./format.js";
`,
  "src/units.js": `export const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
`,
  "src/parse.js": String.raw`import { UNITS } from "./units.js";

const TOKEN = /(\d+)\s*(ms|s|m|h|d)/g;

export function parseDuration(text) {
  if (typeof text !== "string") {
    throw new TypeError("expected a string");
  }
  let total = 0;
  let found = false;
  for (const [, amount, unit] of text.trim().matchAll(TOKEN)) {
    found = true;
    total += Number(amount) * UNITS[unit];
  }
  if (!found) {
    throw new RangeError("not a duration: " + text);
  }
  return total;
}
`,
  "src/format.js": `import { UNITS } from "./units.js";

export function formatDuration(milliseconds) {
  let rest = Math.abs(milliseconds);
  const parts = [];
  for (const unit of ["d", "h", "m", "s", "ms"]) {
    const amount = Math.floor(rest / UNITS[unit]);
    rest -= amount * UNITS[unit];
    if (amount > 0) parts.push(amount + unit);
  }
  return parts.join(" ") || "0ms";
}
`,
  "test/parse.test.js": `import test from "node:test";
import assert from "node:assert/strict";
import { parseDuration } from "../src/index.js";

test("reads one unit", () => {
  assert.equal(parseDuration("90s"), 90_000);
});

test("adds several units", () => {
  assert.equal(parseDuration("1h 30m"), 5_400_000);
});

test("refuses what is not a duration", () => {
  assert.throws(() => parseDuration("soon"), RangeError);
  assert.throws(() => parseDuration(5), TypeError);
});
`,
  "test/format.test.js": `import test from "node:test";
import assert from "node:assert/strict";
import { formatDuration } from "../src/index.js";

test("writes the largest units first", () => {
  assert.equal(formatDuration(5_400_000), "1h 30m");
});

test("writes nothing as 0ms", () => {
  assert.equal(formatDuration(0), "0ms");
});
`,
};
