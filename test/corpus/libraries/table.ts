import type { Files } from "../corpus-case.ts";
import { manifest } from "./edit.ts";

export const ISSUE = `Columns are as wide as their first row
renderTable() takes the width of each column from the heading only, so longer cells push the rest of their line out
of line. The width must be that of the longest cell of the column, the heading included.`;

export const BASE: Files = {
  "package.json": manifest({
    name: "text-table-ish",
    version: "2.0.0",
    type: "module",
    exports: "./src/table.js",
    scripts: { test: "node --test" },
  }),
  "src/table.js": String.raw`import { pad } from "./pad.js";

export function renderTable(names, rows) {
  const widths = names.map((name) => name.length);
  const write = (cells) => cells.map((cell, index) => pad(String(cell), widths[index])).join(" | ").trimEnd();
  const rule = widths.map((width) => "-".repeat(width)).join("-+-");
  return [write(names), rule, ...rows.map(write)].join("\n");
}
`,
  "src/pad.js": `export function pad(text, width) {
  return text + " ".repeat(Math.max(0, width - text.length));
}
`,
  "test/table.test.js": String.raw`import test from "node:test";
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { renderTable } from "../src/table.js";

test("heading, rule and rows", () => {
  assert.equal(renderTable(["name", "age"], [["Ada", 36]]), "name | age\n-----+----\nAda  | 36");
});

test("no rows", () => {
  assert.equal(renderTable(["a", "b"], []), "a | b\n--+--");
});

test("the stock list", async () => {
  const stock = JSON.parse(await readFile(new URL("fixtures/stock.json", import.meta.url), "utf8"));
  const expected = await readFile(new URL("fixtures/stock.txt", import.meta.url), "utf8");
  assert.equal(renderTable(stock.names, stock.rows) + "\n", expected);
});

test("the price list looks as before", (t) => {
  t.assert.snapshot(renderTable(["article", "price"], [["pen", "1.20"], ["ink", "8.99"]]));
});
`,
  "test/table.test.js.snapshot":
    'exports[`the price list looks as before 1`] = `\n"article | price\\\\n--------+------\\\\npen     | 1.20\\\\nink     | 8.99"\n`;\n',
  "test/fixtures/stock.json": `{ "names": ["article", "left"], "rows": [["pen", 12], ["ink", 4]] }
`,
  "test/fixtures/stock.txt": `article | left
--------+-----
pen     | 12
ink     | 4
`,
  "test/pad.test.js": `import test from "node:test";
import assert from "node:assert/strict";
import { pad } from "../src/pad.js";

test("pads to the width and cuts nothing", () => {
  assert.equal(pad("ab", 4), "ab  ");
  assert.equal(pad("abcdef", 4), "abcdef");
});
`,
};
