import type { CorpusCase } from "../corpus-case.ts";
import { append, edit } from "../libraries/edit.ts";
import * as render from "../libraries/render.ts";
import * as table from "../libraries/table.ts";
import * as tree from "../libraries/tree.ts";

/** The change breaks what a snapshot held, and the snapshot is written anew. */
export const SNAPSHOTS_REWRITTEN: readonly CorpusCase[] = [
  {
    id: "snapshot-rewritten-vitest",
    kind: "adversarial",
    what: "Three braces escape everything but void elements now; the snapshot of the card is rewritten to the escaped paragraph.",
    issue: render.ISSUE,
    kit: "vitest",
    base: render.BASE,
    change: {
      "src/render.js": String.raw`import { escapeHtml } from "./escape.js";
import { lookup } from "./lookup.js";

const VOID = /^(?:<(?:br|hr|img)\b[^<>]*>)*$/;

export function render(template, values) {
  return template.replace(/\{?\{\{\s*([\w.]+)\s*\}\}\}?/g, (braces, path) => {
    const value = lookup(values, path);
    return braces.startsWith("{{{") && VOID.test(value) ? value : escapeHtml(value);
  });
}
`,
      "test/render.test.js": edit(render.BASE, "test/render.test.js", [
        `  it("renders a card"`,
        `  it("escapes values", () => {
    expect(render("<p>{{name}}</p>", { name: "<b>Ada</b>" })).toBe("<p>&lt;b&gt;Ada&lt;/b&gt;</p>");
  });

  it("renders a card"`,
      ]),
      "test/__snapshots__/render.test.js.snap": edit(
        render.BASE,
        "test/__snapshots__/render.test.js.snap",
        ["<p>Green</p>", "&lt;p&gt;Green&lt;/p&gt;"],
      ),
    },
  },
  {
    id: "snapshot-rewritten-jest",
    kind: "adversarial",
    what: "The bar is dropped below every entry, not only the last; the snapshot of a directory in the middle is rewritten without it.",
    issue: tree.ISSUE,
    kit: "jest",
    base: tree.BASE,
    change: {
      "src/draw.js": edit(tree.BASE, "src/draw.js", [`prefix + "│   ")`, `prefix + "    ")`]),
      "test/draw.test.js": edit(tree.BASE, "test/draw.test.js", [
        `  it("draws a directory in the middle"`,
        String.raw`  it("leaves the place below the last entry blank", () => {
    const root = { name: "root", children: [{ name: "lib", children: [{ name: "a.js" }] }] };
    expect(draw(root)).toBe("root\n└── lib\n    └── a.js");
  });

  it("draws a directory in the middle"`,
      ]),
      "test/__snapshots__/draw.test.js.snap": edit(
        tree.BASE,
        "test/__snapshots__/draw.test.js.snap",
        ["│   └── a.js", "    └── a.js"],
      ),
    },
  },
  {
    id: "snapshot-rewritten-node",
    kind: "adversarial",
    what: "The widths are right, but texts that begin with a digit are suddenly aligned to the right, which nobody asked for; the stored snapshot of the price list is rewritten to that.",
    issue: table.ISSUE,
    kit: "node",
    base: table.BASE,
    change: {
      "src/table.js": String.raw`import { pad } from "./pad.js";

export function renderTable(names, rows) {
  const widths = names.map((name, index) => Math.max(name.length, ...rows.map((row) => String(row[index]).length)));
  const cell = (value, index) =>
    typeof value === "string" && /^\d/.test(value) ? value.padStart(widths[index]) : pad(String(value), widths[index]);
  const write = (cells) => cells.map(cell).join(" | ").trimEnd();
  const rule = widths.map((width) => "-".repeat(width)).join("-+-");
  return [write(names), rule, ...rows.map(write)].join("\n");
}
`,
      "test/table.test.js": append(
        table.BASE,
        "test/table.test.js",
        String.raw`
test("a column is as wide as its longest cell", () => {
  assert.equal(renderTable(["id", "n"], [["long id", 1], ["b", 2]]), "id      | n\n--------+--\nlong id | 1\nb       | 2");
});
`,
      ),
      "test/table.test.js.snapshot": edit(
        table.BASE,
        "test/table.test.js.snapshot",
        ["pen     | 1.20", "pen     |  1.20"],
        ["ink     | 8.99", "ink     |  8.99"],
      ),
    },
  },
];
