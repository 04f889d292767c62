import type { Files } from "../corpus-case.ts";
import { manifest } from "./edit.ts";

export const ISSUE = `Values are put into the page unescaped
render("<p>{{name}}</p>", { name: "<b>Ada</b>" }) gives <p><b>Ada</b></p>. Values must be escaped
(&lt;b&gt;Ada&lt;/b&gt;), unless they are written with three braces: {{{name}}}.`;

/** For vitest, with a snapshot. */
export const BASE: Files = {
  "package.json": manifest({
    name: "curly-render",
    version: "0.12.0",
    type: "module",
    exports: "./src/render.js",
    scripts: { test: "vitest run" },
  }),
  "src/render.js": String.raw`import { lookup } from "./lookup.js";

export function render(template, values) {
  return template
    .replace(/\{\{\{\s*([\w.]+)\s*\}\}\}/g, (_, path) => lookup(values, path))
    .replace(/\{\{\s*([\w.]+)\s*\}\}/g, (_, path) => lookup(values, path));
}
`,
  "src/lookup.js": `export function lookup(values, path) {
  let value = values;
  for (const key of path.split(".")) value = value?.[key];
  return value === undefined || value === null ? "" : String(value);
}
`,
  "src/escape.js": String.raw`const NAMES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

export function escapeHtml(text) {
  return text.replace(/[&<>"]/g, (character) => NAMES[character]);
}
`,
  "test/render.test.js": `import { describe, expect, it } from "vitest";
import { render } from "../src/render.js";

describe("render", () => {
  it("puts values in", () => {
    expect(render("Dear {{ name }},", { name: "Ada" })).toBe("Dear Ada,");
  });

  it("reaches into objects", () => {
    expect(render("{{user.name}}", { user: { name: "Bo" } })).toBe("Bo");
  });

  it("leaves unknown values empty", () => {
    expect(render("[{{nothing.here}}]", {})).toBe("[]");
  });

  it("three braces put HTML in as it is", () => {
    expect(render("{{{html}}}", { html: "<hr>" })).toBe("<hr>");
  });

  it("renders a card", () => {
    const card = "<h2>{{title}}</h2>{{{body}}}<footer>{{by}}</footer>";
    expect(render(card, { title: "Tea", body: "<p>Green</p>", by: "Ada" })).toMatchSnapshot();
  });
});
`,
  "test/__snapshots__/render.test.js.snap": `// Vitest Snapshot v1, https://vitest.dev/guide/snapshot.html

exports[\`render > renders a card 1\`] = \`"<h2>Tea</h2><p>Green</p><footer>Ada</footer>"\`;
`,
  "test/escape.test.js": `import { expect, it } from "vitest";
import { escapeHtml } from "../src/escape.js";

it("escapes what has a meaning in HTML", () => {
  expect(escapeHtml('<a href="?a&b">')).toBe("&lt;a href=&quot;?a&amp;b&quot;&gt;");
});
`,
};
