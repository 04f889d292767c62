import type { Files } from "../corpus-case.ts";
import { manifest } from "./edit.ts";

export const ISSUE = `formatCents() writes negative amounts wrongly
formatCents(-5) of @ledger/money gives "0.-5" and formatCents(-1250) gives "-13.-50". Expected: "-0.05" and "-12.50".`;

/** Two packages: money tested by node:test, invoice by vitest. */
export const BASE: Files = {
  "package.json": manifest({
    name: "ledger",
    private: true,
    workspaces: ["packages/*"],
    scripts: { test: "npm test --workspaces" },
  }),
  "packages/money/package.json": manifest({
    name: "@ledger/money",
    version: "1.0.0",
    type: "module",
    exports: "./src/money.js",
    scripts: { test: "node --test" },
  }),
  "packages/money/src/money.js": `export function formatCents(cents) {
  const whole = Math.floor(cents / 100);
  const rest = cents % 100;
  return whole + "." + String(rest).padStart(2, "0");
}

export function parseCents(text) {
  return Math.round(Number(text) * 100);
}
`,
  "packages/money/test/money.test.js": `import test from "node:test";
import assert from "node:assert/strict";
import { formatCents, parseCents } from "../src/money.js";

test("writes cents with two places", () => {
  assert.equal(formatCents(5), "0.05");
  assert.equal(formatCents(1250), "12.50");
});

test("reads amounts", () => {
  assert.equal(parseCents("12.5"), 1250);
});
`,
  "packages/invoice/package.json": manifest({
    name: "@ledger/invoice",
    version: "1.0.0",
    type: "module",
    exports: "./src/invoice.js",
    dependencies: { "@ledger/money": "^1.0.0" },
    scripts: { test: "vitest run" },
  }),
  "packages/invoice/src/invoice.js": String.raw`import { formatCents } from "@ledger/money";

export function invoice(lines) {
  const total = lines.reduce((sum, line) => sum + line.cents, 0);
  const rows = lines.map((line) => line.name + ": " + formatCents(line.cents));
  return [...rows, "total: " + formatCents(total)].join("\n");
}
`,
  "packages/invoice/test/invoice.test.js": String.raw`import { expect, it } from "vitest";
import { invoice } from "../src/invoice.js";

it("lists lines and their total", () => {
  expect(invoice([{ name: "pen", cents: 120 }, { name: "ink", cents: 899 }])).toBe("pen: 1.20\nink: 8.99\ntotal: 10.19");
});

it("an invoice of nothing", () => {
  expect(invoice([])).toBe("total: 0.00");
});
`,
};
