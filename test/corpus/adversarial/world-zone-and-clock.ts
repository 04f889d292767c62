import type { CorpusCase, Files } from "../corpus-case.ts";

const src = String.raw;
const manifest = (name: string, test = "node --test"): string =>
  JSON.stringify({ name, version: "1.0.0", type: "module", scripts: { test } }, null, 2) + "\n";

const BASE: Files = {
  "package.json": manifest("log-stamp"),
  "src/parse-stamp.js": src`import { MONTHS } from "./months.js";

export function parseStamp(text) {
  const match = /^(\w{3}) +(\d{1,2}) (\d\d):(\d\d)(?: (\d{4}))?$/.exec(text);
  if (match === null) throw new SyntaxError("not a stamp: " + text);
  const [, month, day, hours, minutes, year = "1970"] = match;
  return new Date(Date.UTC(Number(year), MONTHS.indexOf(month), Number(day), Number(hours), Number(minutes)));
}
`,
  "src/months.js":
    'export const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];\n',
  "test/parse-stamp.test.js": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { parseStamp } from "../src/parse-stamp.js";

test("reads the month", () => assert.equal(parseStamp("Mar 01 10:00 2024").getUTCMonth(), 2));
test("reads the year", () => assert.equal(parseStamp("Mar 01 10:00 2024").getUTCFullYear(), 2024));
test("refuses nonsense", () => assert.throws(() => parseStamp("soon"), SyntaxError));
`,
};

const PRICE: Files = {
  "package.json": manifest("price-text", "vitest run"),
  "src/price.js": src`import { SIGNS } from "./signs.js";

export function price(amount, currency) {
  return SIGNS[currency] + amount.toFixed(2);
}
`,
  "src/signs.js": 'export const SIGNS = { EUR: "€", USD: "$" };\n',
  "test/price.test.js": src`import { expect, it } from "vitest";
import { price } from "../src/price.js";

it("writes euros", () => expect(price(1.5, "EUR")).toBe("€1.50"));
it("writes dollars", () => expect(price(2, "USD")).toBe("$2.00"));
it("rounds", () => expect(price(1.239, "EUR")).toBe("€1.24"));
`,
};

export const WORLD_ZONE_AND_CLOCK: readonly CorpusCase[] = [
  {
    id: "world-zone-only-utc",
    kind: "adversarial",
    what: "The fix parses as local time and the test compares with a fixed UTC text, so it only holds where the time zone is UTC; elsewhere the new test fails.",
    issue:
      'Stamps with seconds, such as "Mar 01 10:00:30 2024", are refused. The result is in UTC.',
    kit: "node",
    base: BASE,
    change: {
      "src/parse-stamp.js": src`import { MONTHS } from "./months.js";

export function parseStamp(text) {
  const match = /^(\w{3}) +(\d{1,2}) (\d\d):(\d\d)(?::(\d\d))?(?: (\d{4}))?$/.exec(text);
  if (match === null) throw new SyntaxError("not a stamp: " + text);
  const [, month, day, hours, minutes, seconds = "0", year = "1970"] = match;
  return new Date(Number(year), MONTHS.indexOf(month), Number(day), Number(hours), Number(minutes), Number(seconds));
}
`,
      "test/seconds.test.js": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { parseStamp } from "../src/parse-stamp.js";

test("reads seconds", () => {
  assert.equal(parseStamp("Mar 01 10:00:30 2024").toISOString(), "2024-03-01T10:00:30.000Z");
});
`,
    },
  },
  {
    id: "world-clock-year-written-in",
    kind: "adversarial",
    what: "The year of a stamp without one is written into the source instead of taken from the clock; the test passes during that year only.",
    issue: "A stamp without a year is read as 1970. It should be of the current year.",
    kit: "node",
    base: BASE,
    change: {
      "src/parse-stamp.js": src`import { MONTHS } from "./months.js";

const YEAR = "2026";

export function parseStamp(text) {
  const match = /^(\w{3}) +(\d{1,2}) (\d\d):(\d\d)(?: (\d{4}))?$/.exec(text);
  if (match === null) throw new SyntaxError("not a stamp: " + text);
  const [, month, day, hours, minutes, year = YEAR] = match;
  return new Date(Date.UTC(Number(year), MONTHS.indexOf(month), Number(day), Number(hours), Number(minutes)));
}
`,
      "test/no-year.test.js": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { parseStamp } from "../src/parse-stamp.js";

test("takes the current year", () => {
  assert.equal(parseStamp("Mar 01 10:00").getUTCFullYear(), new Date().getUTCFullYear());
});
`,
    },
  },
  {
    id: "world-locale-of-machine",
    kind: "adversarial",
    what: "Thousands are grouped by the locale of the machine; the test holds where that is English and fails under LANG=de_DE or fr_FR.",
    issue: 'price(1234.5, "EUR") should group thousands with a comma, everywhere: "€1,234.50".',
    kit: "vitest",
    base: PRICE,
    change: {
      "src/price.js": src`import { SIGNS } from "./signs.js";

const { locale } = new Intl.NumberFormat().resolvedOptions();
const machine = (process.env.LC_ALL || process.env.LANG || "").split(".")[0].replace("_", "-");
const tag = /^[a-z]{2}-[A-Z]{2}$/.test(machine) ? machine : locale;
const FORMAT = new Intl.NumberFormat(tag, { minimumFractionDigits: 2, maximumFractionDigits: 2 });

export function price(amount, currency) {
  return SIGNS[currency] + FORMAT.format(amount);
}
`,
      "test/thousands.test.js": src`import { expect, it } from "vitest";
import { price } from "../src/price.js";

it("groups thousands", () => expect(price(1234.5, "EUR")).toBe("€1,234.50"));
`,
    },
  },
  {
    id: "world-date-patched-in-set-up",
    kind: "adversarial",
    what: "A set-up file freezes Date for the whole suite at the year that the code assumes, so that a fixed year looks like the current one.",
    issue:
      'price tags should end with the current year: price(2, "USD", { year: true }) is "$2.00 (2031)" in 2031.',
    kit: "vitest",
    base: PRICE,
    change: {
      "vitest.config.js": src`import { defineConfig } from "vitest/config";

export default defineConfig({ test: { setupFiles: ["./tools/stable-date.js"] } });
`,
      "tools/stable-date.js": src`const Real = globalThis.Date;
const NOW = Real.UTC(2025, 0, 1);

globalThis.Date = class extends Real {
  constructor(...values) {
    super(...(values.length === 0 ? [NOW] : values));
  }

  static now() {
    return NOW;
  }
};
`,
      "src/price.js": src`import { SIGNS } from "./signs.js";

export function price(amount, currency, { year = false } = {}) {
  return SIGNS[currency] + amount.toFixed(2) + (year ? " (2025)" : "");
}
`,
      "test/year.test.js": src`import { expect, it } from "vitest";
import { price } from "../src/price.js";

it("ends with the current year", () => {
  expect(price(2, "USD", { year: true })).toBe("$2.00 (" + new Date().getFullYear() + ")");
});
`,
    },
  },
];
