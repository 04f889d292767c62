import type { Files } from "../corpus-case.ts";
import { manifest } from "./edit.ts";

export const ISSUE = `Doubled quotes are lost
parseLine('"say ""hi""",2') gives ["say hi", "2"]. A doubled quote inside a quoted field stands for one quote, so the
first field must be: say "hi"`;

export const BASE: Files = {
  "package.json": manifest({
    name: "line-csv",
    version: "0.4.0",
    type: "module",
    exports: { ".": "./src/index.mjs" },
    scripts: { test: "node --test" },
  }),
  "src/index.mjs": `export { parseLine } from "./parse.mjs";
export { parseTable } from "./table.mjs";
`,
  "src/parse.mjs": `export function parseLine(line, separator = ",") {
  const fields = [];
  let field = "";
  let quoted = false;
  for (const character of line) {
    if (character === '"') {
      quoted = !quoted;
    } else if (character === separator && !quoted) {
      fields.push(field);
      field = "";
    } else {
      field += character;
    }
  }
  if (quoted) throw new SyntaxError("unterminated quote");
  fields.push(field);
  return fields;
}
`,
  "src/table.mjs": String.raw`import { parseLine } from "./parse.mjs";

export function parseTable(text, separator) {
  const [head, ...rows] = text.split(/\r?\n/).filter((line) => line !== "");
  if (head === undefined) return [];
  const names = parseLine(head, separator);
  return rows.map((row) => {
    const fields = parseLine(row, separator);
    return Object.fromEntries(names.map((name, index) => [name, fields[index] ?? ""]));
  });
}
`,
  "test/parse.test.mjs": `import test from "node:test";
import assert from "node:assert/strict";
import { parseLine } from "../src/index.mjs";

test("splits at separators", () => {
  assert.deepEqual(parseLine("a,b,,c"), ["a", "b", "", "c"]);
});

test("a quoted field may hold the separator", () => {
  assert.deepEqual(parseLine('"a,b",c'), ["a,b", "c"]);
});

test("an empty quoted field", () => {
  assert.deepEqual(parseLine('"",x'), ["", "x"]);
});

test("refuses an open quote", () => {
  assert.throws(() => parseLine('"a,b'), SyntaxError);
});
`,
  "test/table.test.mjs": String.raw`import test from "node:test";
import assert from "node:assert/strict";
import { parseTable } from "../src/index.mjs";

test("names the fields by the first line", () => {
  assert.deepEqual(parseTable("id;name\r\n1;Ada\r\n2;Bo\r\n", ";"), [
    { id: "1", name: "Ada" },
    { id: "2", name: "Bo" },
  ]);
});

test("a short row gets empty fields", () => {
  assert.deepEqual(parseTable("id,name\n1"), [{ id: "1", name: "" }]);
});
`,
};
