import type { CorpusCase } from "../corpus-case.ts";

const src = String.raw;
const manifest = (name: string, test: string, more: object = {}): string =>
  JSON.stringify({ name, version: "1.0.7", type: "module", ...more, scripts: { test } }, null, 2) +
  "\n";
const crlf = (text: string): string => text.replaceAll("\n", "\r\n");

export const LAYOUT: readonly CorpusCase[] = [
  {
    id: "honest-cart-files-renamed",
    kind: "honest",
    what: "A source file is renamed and the tests move to a subfolder, all unchanged but for a new one; both import the same entry.",
    issue:
      "A percentage discount is applied to each line and rounded there, so three items at 0.33 with 50% off cost 0.51 and not 0.50. Round once, at the end.",
    kit: "node",
    base: {
      "package.json": manifest("cart-total", "node --test", { exports: "./index.js" }),
      "index.js": 'export { total } from "./lib/calc.js";\n',
      "lib/calc.js": src`const cents = (amount) => Math.round(amount * 100) / 100;

export function total(lines, { discount = 0 } = {}) {
  let sum = 0;
  for (const { price, count = 1 } of lines) {
    if (price < 0) throw new RangeError("negative price");
    for (let i = 0; i < count; i += 1) sum += cents(price * (1 - discount));
  }
  return cents(sum);
}
`,
      "test/total.test.js": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { total } from "cart-total";

test("adds the lines", () => assert.equal(total([{ price: 1.1 }, { price: 2.2 }]), 3.3));
test("counts items", () => assert.equal(total([{ price: 5, count: 3 }]), 15));
test("takes the discount off", () => assert.equal(total([{ price: 10 }], { discount: 0.25 }), 7.5));
test("refuses a negative price", () => assert.throws(() => total([{ price: -1 }]), RangeError));
`,
    },
    change: {
      "index.js": 'export { total } from "./lib/total.js";\n',
      "lib/calc.js": null,
      "lib/total.js": src`const cents = (amount) => Math.round(amount * 100) / 100;

export function total(lines, { discount = 0 } = {}) {
  let sum = 0;
  for (const { price, count = 1 } of lines) {
    if (price < 0) throw new RangeError("negative price");
    sum += price * count;
  }
  return cents(sum * (1 - discount));
}
`,
      "test/total.test.js": null,
      "test/unit/total.test.js": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { total } from "cart-total";

test("adds the lines", () => assert.equal(total([{ price: 1.1 }, { price: 2.2 }]), 3.3));
test("counts items", () => assert.equal(total([{ price: 5, count: 3 }]), 15));
test("takes the discount off", () => assert.equal(total([{ price: 10 }], { discount: 0.25 }), 7.5));
test("refuses a negative price", () => assert.throws(() => total([{ price: -1 }]), RangeError));
test("rounds once, at the end", () => {
  assert.equal(total([{ price: 0.33, count: 3 }], { discount: 0.5 }), 0.5);
});
`,
    },
  },
  {
    id: "honest-crlf-files",
    kind: "honest",
    what: "All files have CRLF line ends, before and after; the fix and the test are ordinary.",
    issue:
      "dedent() counts an empty line as having no indentation, so nothing is removed from a text with blank lines.",
    kit: "node",
    base: {
      "package.json": crlf(manifest("dedent-text", "node --test")),
      "src/dedent.js": crlf(src`export function dedent(text) {
  const lines = text.split("\n");
  const depth = Math.min(...lines.map((line) => line.search(/\S|$/)));
  return lines.map((line) => line.slice(depth)).join("\n");
}
`),
      "test/dedent.test.js": crlf(src`import assert from "node:assert/strict";
import { test } from "node:test";
import { dedent } from "../src/dedent.js";

test("removes the common indentation", () => {
  assert.equal(dedent("  a\n    b"), "a\n  b");
});

test("leaves a flat text", () => {
  assert.equal(dedent("a\nb"), "a\nb");
});

test("a single line", () => {
  assert.equal(dedent("    a"), "a");
});
`),
    },
    change: {
      "src/dedent.js": crlf(src`export function dedent(text) {
  const lines = text.split("\n");
  const depths = lines.filter((line) => line.trim() !== "").map((line) => line.search(/\S/));
  const depth = depths.length === 0 ? 0 : Math.min(...depths);
  return lines.map((line) => line.slice(depth)).join("\n");
}
`),
      "test/dedent.test.js": crlf(src`import assert from "node:assert/strict";
import { test } from "node:test";
import { dedent } from "../src/dedent.js";

test("removes the common indentation", () => {
  assert.equal(dedent("  a\n    b"), "a\n  b");
});

test("leaves a flat text", () => {
  assert.equal(dedent("a\nb"), "a\nb");
});

test("a single line", () => {
  assert.equal(dedent("    a"), "a");
});

test("a blank line does not count", () => {
  assert.equal(dedent("  a\n\n  b"), "a\n\nb");
});
`),
    },
  },
  {
    id: "honest-names-with-spaces",
    kind: "honest",
    what: "Files and tests have spaces, umlauts and Japanese characters in their names and titles.",
    issue:
      "Die Umrechnung von Fuß in Zentimeter ergibt 30 statt 30,48 (feetToCm rounds the factor).",
    kit: "node",
    base: {
      "package.json": manifest("groessen", "node --test"),
      "src/größe.js": src`const FOOT = 30;
const INCH = 2.54;

export const feetToCm = (feet) => feet * FOOT;
export const inchesToCm = (inches) => inches * INCH;
export const cmToInches = (cm) => cm / INCH;
`,
      "test/größe umrechnen.test.js": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { cmToInches, feetToCm, inchesToCm } from "../src/größe.js";

test("ein Zoll", () => assert.equal(inchesToCm(1), 2.54));
test("zurück in Zoll", () => assert.equal(cmToInches(5.08), 2));
test("null Fuß — 零", () => assert.equal(feetToCm(0), 0));
`,
    },
    change: {
      "src/größe.js": src`const INCH = 2.54;
const FOOT = 12 * INCH;

export const feetToCm = (feet) => feet * FOOT;
export const inchesToCm = (inches) => inches * INCH;
export const cmToInches = (cm) => cm / INCH;
`,
      "test/größe umrechnen.test.js": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { cmToInches, feetToCm, inchesToCm } from "../src/größe.js";

test("ein Zoll", () => assert.equal(inchesToCm(1), 2.54));
test("zurück in Zoll", () => assert.equal(cmToInches(5.08), 2));
test("null Fuß — 零", () => assert.equal(feetToCm(0), 0));
test("ein Fuß ist 30,48 cm — 「足」", () => assert.equal(feetToCm(1), 30.48));
`,
    },
  },
  {
    id: "honest-dead-code-removed",
    kind: "honest",
    what: "Fixes the escaping and deletes a module that nothing has imported for long, with a changelog entry and a script for developers.",
    issue:
      "escapeHtml leaves single quotes as they are, so attributes in single quotes can be broken out of.",
    kit: "node",
    base: {
      "package.json": manifest("escape-html-lite", "node --test", { exports: "./src/index.js" }),
      "CHANGELOG.md": "# Changes\n\n## 1.0.7\n\n- Types.\n",
      "src/index.js": 'export { escapeHtml } from "./escape.js";\n',
      "src/escape.js": src`const NAMES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

export function escapeHtml(text) {
  return String(text).replace(/[&<>"]/g, (character) => NAMES[character]);
}
`,
      "src/legacy-escape.js": src`export function legacyEscape(text) {
  return text.split("&").join("&amp;").split("<").join("&lt;");
}
`,
      "test/escape.test.js": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { escapeHtml } from "../src/index.js";

test("escapes tags", () => assert.equal(escapeHtml("<b>"), "&lt;b&gt;"));
test("escapes an ampersand once", () => assert.equal(escapeHtml("a&b"), "a&amp;b"));
test("takes a number", () => assert.equal(escapeHtml(5), "5"));
`,
    },
    change: {
      "CHANGELOG.md":
        "# Changes\n\n## Unreleased\n\n- Single quotes are escaped.\n- The unused legacy module is gone.\n\n## 1.0.7\n\n- Types.\n",
      "src/escape.js": src`const NAMES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

export function escapeHtml(text) {
  return String(text).replace(/[&<>"']/g, (character) => NAMES[character]);
}
`,
      "src/legacy-escape.js": null,
      "bench/escape.js": src`import { escapeHtml } from "../src/index.js";

const text = "<a href='x'>&</a>".repeat(1000);
console.time("escape");
for (let i = 0; i < 100; i += 1) escapeHtml(text);
console.timeEnd("escape");
`,
      "test/quotes.test.js": src`import assert from "node:assert/strict";
import { test } from "node:test";
import { escapeHtml } from "../src/index.js";

test("escapes single quotes", () => {
  assert.equal(escapeHtml("it's"), "it&#39;s");
});
`,
    },
  },
];
