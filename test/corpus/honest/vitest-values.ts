import type { CorpusCase } from "../corpus-case.ts";

const src = String.raw;
const manifest = (name: string, test = "vitest run"): string =>
  JSON.stringify({ name, version: "1.0.0", type: "module", scripts: { test } }, null, 2) + "\n";

export const VITEST_VALUES: readonly CorpusCase[] = [
  {
    id: "honest-vitest-query-each",
    kind: "honest",
    what: "TypeScript with it.each; repeated keys become lists, three rows of the new table fail on the base.",
    issue: 'parseQuery("a=1&a=2") keeps only the last value. Repeated keys should give a list.',
    kit: "vitest",
    base: {
      "package.json": manifest("query-typed"),
      "src/parse-query.ts": src`import { decode } from "./decode.js";

export type Query = Record<string, string | string[]>;

export function parseQuery(text: string): Query {
  const query: Query = {};
  for (const pair of text.replace(/^\?/, "").split("&").filter(Boolean)) {
    const at = pair.indexOf("=");
    const key = decode(at < 0 ? pair : pair.slice(0, at));
    query[key] = at < 0 ? "" : decode(pair.slice(at + 1));
  }
  return query;
}
`,
      "src/decode.ts":
        'export const decode = (text: string): string => decodeURIComponent(text.replaceAll("+", " "));\n',
      "src/parse-query.test.ts": src`import { describe, expect, it } from "vitest";
import { parseQuery } from "./parse-query.js";

describe("parseQuery", () => {
  it.each([
    ["a=1", { a: "1" }],
    ["?a=1&b=2", { a: "1", b: "2" }],
    ["a", { a: "" }],
    ["a+b=%26", { "a b": "&" }],
  ])("reads %s", (text, expected) => {
    expect(parseQuery(text)).toEqual(expected);
  });
});
`,
    },
    change: {
      "src/parse-query.ts": src`import { decode } from "./decode.js";

export type Query = Record<string, string | string[]>;

function add(query: Query, key: string, value: string): void {
  const old = query[key];
  if (old === undefined) query[key] = value;
  else if (Array.isArray(old)) old.push(value);
  else query[key] = [old, value];
}

export function parseQuery(text: string): Query {
  const query: Query = {};
  for (const pair of text.replace(/^\?/, "").split("&").filter(Boolean)) {
    const at = pair.indexOf("=");
    const key = decode(at < 0 ? pair : pair.slice(0, at));
    add(query, key, at < 0 ? "" : decode(pair.slice(at + 1)));
  }
  return query;
}
`,
      "src/parse-query.test.ts": src`import { describe, expect, it } from "vitest";
import { parseQuery } from "./parse-query.js";

describe("parseQuery", () => {
  it.each([
    ["a=1", { a: "1" }],
    ["?a=1&b=2", { a: "1", b: "2" }],
    ["a", { a: "" }],
    ["a+b=%26", { "a b": "&" }],
    ["a=1&a=2", { a: ["1", "2"] }],
    ["a=1&a=2&a=3", { a: ["1", "2", "3"] }],
    ["a=1&b=x&a=2", { a: ["1", "2"], b: "x" }],
  ])("reads %s", (text, expected) => {
    expect(parseQuery(text)).toEqual(expected);
  });
});
`,
    },
  },
  {
    id: "honest-vitest-table-snapshot",
    kind: "honest",
    what: "Right alignment of numbers is new; its snapshot is added, the old snapshot is untouched.",
    issue:
      "renderTable should align columns that hold only numbers to the right; they are on the left now.",
    kit: "vitest",
    base: {
      "package.json": manifest("ascii-table"),
      "src/table.js": src`import { widths } from "./widths.js";

export function renderTable(rows) {
  const sizes = widths(rows);
  return rows
    .map((row) => row.map((cell, column) => String(cell).padEnd(sizes[column])).join(" | ").trimEnd())
    .join("\n");
}
`,
      "src/widths.js": src`export const widths = (rows) =>
  rows[0].map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)));
`,
      "test/table.test.js": src`import { expect, it } from "vitest";
import { renderTable } from "../src/table.js";
import { widths } from "../src/widths.js";

it("renders words", () => {
  expect(renderTable([["name", "kind"], ["rook", "bird"]])).toMatchSnapshot();
});

it("measures", () => {
  expect(widths([["a", "bbb"], ["cc", "d"]])).toEqual([2, 3]);
});

it("ends lines without spaces", () => {
  expect(renderTable([["a", "bb"], ["c", "d"]])).toBe("a | bb\nc | d");
});
`,
      "test/__snapshots__/table.test.js.snap":
        '// Vitest Snapshot v1, https://vitest.dev/guide/snapshot.html\n\nexports[`renders words 1`] = `\n"name | kind\nrook | bird"\n`;\n',
    },
    change: {
      "src/table.js": src`import { widths } from "./widths.js";

const isNumeric = (rows, column) => rows.every((row) => typeof row[column] === "number");

export function renderTable(rows) {
  const sizes = widths(rows);
  const right = sizes.map((_, column) => isNumeric(rows.slice(1), column) && rows.length > 1);
  const cell = (value, column) =>
    right[column] ? String(value).padStart(sizes[column]) : String(value).padEnd(sizes[column]);
  return rows.map((row) => row.map(cell).join(" | ").trimEnd()).join("\n");
}
`,
      "test/table.test.js": src`import { expect, it } from "vitest";
import { renderTable } from "../src/table.js";
import { widths } from "../src/widths.js";

it("renders words", () => {
  expect(renderTable([["name", "kind"], ["rook", "bird"]])).toMatchSnapshot();
});

it("aligns numbers to the right", () => {
  expect(renderTable([["name", "eggs"], ["rook", 4], ["ostrich", 12]])).toMatchSnapshot();
});

it("measures", () => {
  expect(widths([["a", "bbb"], ["cc", "d"]])).toEqual([2, 3]);
});

it("ends lines without spaces", () => {
  expect(renderTable([["a", "bb"], ["c", "d"]])).toBe("a | bb\nc | d");
});
`,
      "test/__snapshots__/table.test.js.snap":
        '// Vitest Snapshot v1, https://vitest.dev/guide/snapshot.html\n\nexports[`aligns numbers to the right 1`] = `\n"name    | eggs\nrook    |    4\nostrich |   12"\n`;\n\nexports[`renders words 1`] = `\n"name | kind\nrook | bird"\n`;\n',
    },
  },
  {
    id: "honest-vitest-range-moved-tests",
    kind: "honest",
    what: "The test file moves from the root to tests/ and gets a describe block for the new behaviour; the old titles stay.",
    issue: 'parseRange("5-2") returns an empty list instead of throwing a RangeError.',
    kit: "vitest",
    base: {
      "package.json": manifest("range-list"),
      "src/range.ts": src`export function parseRange(text: string): number[] {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text);
  if (!match) throw new SyntaxError("not a range: " + text);
  const from = Number(match[1]);
  const to = Number(match[2] ?? match[1]);
  const numbers: number[] = [];
  for (let n = from; n <= to; n += 1) numbers.push(n);
  return numbers;
}
`,
      "src/index.ts": 'export { parseRange } from "./range.js";\n',
      "range.test.ts": src`import { expect, test } from "vitest";
import { parseRange } from "./src/index.js";

test("a number", () => expect(parseRange("3")).toEqual([3]));
test("a range", () => expect(parseRange("2-4")).toEqual([2, 3, 4]));
test("something else", () => expect(() => parseRange("a")).toThrow(SyntaxError));
`,
    },
    change: {
      "src/range.ts": src`export function parseRange(text: string): number[] {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text);
  if (!match) throw new SyntaxError("not a range: " + text);
  const from = Number(match[1]);
  const to = Number(match[2] ?? match[1]);
  if (to < from) throw new RangeError("runs backwards: " + text);
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
`,
      "range.test.ts": null,
      "tests/range.test.ts": src`import { describe, expect, test } from "vitest";
import { parseRange } from "../src/index.js";

test("a number", () => expect(parseRange("3")).toEqual([3]));
test("a range", () => expect(parseRange("2-4")).toEqual([2, 3, 4]));
test("something else", () => expect(() => parseRange("a")).toThrow(SyntaxError));

describe("backwards", () => {
  test("is refused", () => expect(() => parseRange("5-2")).toThrow(RangeError));
  test("one number twice is fine", () => expect(parseRange("2-2")).toEqual([2]));
});
`,
    },
  },
];
