import type { CorpusCase } from "../corpus-case.ts";

const src = String.raw;
const manifest = (name: string, test: string, more: object = {}): string =>
  JSON.stringify({ name, version: "0.4.2", type: "module", ...more, scripts: { test } }, null, 2) +
  "\n";

export const DATES: readonly CorpusCase[] = [
  {
    id: "honest-day-key-time-zone",
    kind: "honest",
    what: "The day key came from UTC; it now uses local parts. The test sets TZ itself, for two zones, and restores it.",
    issue:
      "dayKey(date) gives tomorrow's day in the evening in New York, because it uses toISOString. It should be the local day.",
    kit: "node",
    base: {
      "package.json": manifest("day-key", "node --test"),
      "src/day-key.js": src`import { pad } from "./pad.js";

export function dayKey(date) {
  return date.toISOString().slice(0, 10);
}

export function monthKey(date) {
  return date.getFullYear() + "-" + pad(date.getMonth() + 1);
}
`,
      "src/pad.js": src`export const pad = (number, size = 2) => String(number).padStart(size, "0");
`,
      "test/day-key.test.js": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { dayKey, monthKey } from "../src/day-key.js";
import { pad } from "../src/pad.js";

test("a day at noon", () => assert.equal(dayKey(new Date(2024, 1, 3, 12)), "2024-02-03"));
test("a month", () => assert.equal(monthKey(new Date(2024, 1, 3, 12)), "2024-02"));
test("pads", () => assert.equal(pad(7, 3), "007"));
`,
    },
    change: {
      "src/day-key.js": src`import { pad } from "./pad.js";

export function dayKey(date) {
  return monthKey(date) + "-" + pad(date.getDate());
}

export function monthKey(date) {
  return date.getFullYear() + "-" + pad(date.getMonth() + 1);
}
`,
      "test/zones.test.js": src`import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { dayKey } from "../src/day-key.js";

describe("dayKey in a time zone", () => {
  const before = process.env.TZ;
  afterEach(() => {
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
  });

  it("is still today in the evening in New York", () => {
    process.env.TZ = "America/New_York";
    assert.equal(dayKey(new Date("2024-05-02T01:30:00Z")), "2024-05-01");
  });

  it("is already tomorrow in Auckland", () => {
    process.env.TZ = "Pacific/Auckland";
    assert.equal(dayKey(new Date("2024-05-01T20:30:00Z")), "2024-05-02");
  });
});
`,
    },
  },
  {
    id: "honest-duration-extended-assertion",
    kind: "honest",
    what: "Weeks are understood, after a small refactoring to a table; the existing test of units gets two more assertions.",
    issue:
      'parseDuration("2w") returns NaN. Weeks should count as seven days, alone and in a sum such as "1w2d".',
    kit: "node",
    base: {
      "package.json": manifest("duration-words", "node --test"),
      "index.js": src`export function parseDuration(text) {
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)([a-z]+)/g)) {
    let factor;
    if (unit === "ms") factor = 1;
    else if (unit === "s") factor = 1000;
    else if (unit === "m") factor = 60000;
    else if (unit === "h") factor = 3600000;
    else if (unit === "d") factor = 86400000;
    total += Number(amount) * factor;
  }
  return total;
}
`,
      "README.md": "# duration-words\n\nUnits: ms, s, m, h, d\n",
      "test.js": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDuration } from "./index.js";

test("single units", () => {
  assert.equal(parseDuration("5ms"), 5);
  assert.equal(parseDuration("3m"), 180_000);
  assert.equal(parseDuration("1d"), 86_400_000);
});

test("sums", () => assert.equal(parseDuration("1h30m"), 5_400_000));

test("fractions", () => assert.equal(parseDuration("1.5s"), 1500));
`,
    },
    change: {
      "index.js": src`const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const FACTORS = { ms: 1, s: SECOND, m: MINUTE, h: HOUR, d: DAY, w: 7 * DAY };

export function parseDuration(text) {
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)([a-z]+)/g)) {
    total += Number(amount) * FACTORS[unit];
  }
  return total;
}
`,
      "README.md": "# duration-words\n\nUnits: ms, s, m, h, d, w\n",
      "test.js": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDuration } from "./index.js";

test("single units", () => {
  assert.equal(parseDuration("5ms"), 5);
  assert.equal(parseDuration("3m"), 180_000);
  assert.equal(parseDuration("1d"), 86_400_000);
  assert.equal(parseDuration("2w"), 1_209_600_000);
  assert.equal(parseDuration("1w2d"), 777_600_000);
});

test("sums", () => assert.equal(parseDuration("1h30m"), 5_400_000));

test("fractions", () => assert.equal(parseDuration("1.5s"), 1500));
`,
    },
  },
  {
    id: "honest-ago-mock-timers",
    kind: "honest",
    what: "The clock is a collaborator here: the test sets node:test's mock timers for its own duration and they are restored by the runner.",
    issue: 'ago() says "1 minutes ago" and "1 hours ago". One of something should be singular.',
    kit: "node",
    base: {
      "package.json": manifest("ago-text", "node --test"),
      "src/ago.js": src`import { UNITS } from "./units.js";

export function ago(date) {
  const seconds = Math.floor((Date.now() - date.getTime()) / 1000);
  for (const [name, size] of UNITS) {
    const count = Math.floor(seconds / size);
    if (count > 0) return count + " " + name + "s ago";
  }
  return "just now";
}
`,
      "src/units.js": src`export const UNITS = [
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
];
`,
      "test/ago.test.js": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { ago } from "../src/ago.js";

const NOW = Date.parse("2024-06-01T12:00:00Z");

test("just now", (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: NOW });
  assert.equal(ago(new Date(NOW - 5_000)), "just now");
});

test("minutes", (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: NOW });
  assert.equal(ago(new Date(NOW - 5 * 60_000)), "5 minutes ago");
});

test("days", (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: NOW });
  assert.equal(ago(new Date(NOW - 50 * 3_600_000)), "2 days ago");
});
`,
    },
    change: {
      "src/ago.js": src`import { UNITS } from "./units.js";

export function ago(date) {
  const seconds = Math.floor((Date.now() - date.getTime()) / 1000);
  for (const [name, size] of UNITS) {
    const count = Math.floor(seconds / size);
    if (count > 0) return count + " " + name + (count === 1 ? "" : "s") + " ago";
  }
  return "just now";
}
`,
      "test/ago.test.js": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { ago } from "../src/ago.js";

const NOW = Date.parse("2024-06-01T12:00:00Z");

test("just now", (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: NOW });
  assert.equal(ago(new Date(NOW - 5_000)), "just now");
});

test("minutes", (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: NOW });
  assert.equal(ago(new Date(NOW - 5 * 60_000)), "5 minutes ago");
});

test("days", (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: NOW });
  assert.equal(ago(new Date(NOW - 50 * 3_600_000)), "2 days ago");
});

test("one of each", (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: NOW });
  assert.equal(ago(new Date(NOW - 61_000)), "1 minute ago");
  t.mock.timers.setTime(NOW + 3_600_000);
  assert.equal(ago(new Date(NOW)), "1 hour ago");
  assert.equal(ago(new Date(NOW - 24 * 3_600_000)), "1 day ago");
});
`,
    },
  },
];
