import type { Files } from "../corpus-case.ts";
import { manifest } from "./edit.ts";

export const ISSUE = `Words longer than the width are not broken
wrap("see https://example.org/a/long/path", 10) leaves a line of 31 characters. No line may be longer than the width;
such words have to be cut into pieces of the width.`;

export const BASE: Files = {
  "package.json": manifest({
    name: "fold-text",
    version: "0.3.3",
    type: "module",
    exports: "./src/index.js",
    scripts: { test: "node --test" },
  }),
  "src/index.js": `export { wrap } from "./wrap.js";
export { indent } from "./indent.js";
`,
  "src/wrap.js": String.raw`export function wrap(text, width) {
  if (!(width > 0)) throw new RangeError("width must be positive");
  const lines = [];
  let line = "";
  for (const word of text.split(/\s+/).filter(Boolean)) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : line + " " + word;
    }
  }
  if (line !== "") lines.push(line);
  return lines.join("\n");
}
`,
  "src/indent.js": String.raw`export function indent(text, by = 2) {
  return text
    .split("\n")
    .map((line) => (line === "" ? line : " ".repeat(by) + line))
    .join("\n");
}
`,
  "test/wrap.test.js": String.raw`import test from "node:test";
import assert from "node:assert/strict";
import { wrap } from "../src/index.js";

test("breaks between words", () => {
  assert.equal(wrap("one two three", 7), "one two\nthree");
});

test("folds white space", () => {
  assert.equal(wrap("  one \n two ", 20), "one two");
});

test("a word as long as the width fills its line", () => {
  assert.equal(wrap("abcdefg hij", 7), "abcdefg\nhij");
});

test("refuses a width of nothing", () => {
  assert.throws(() => wrap("x", 0), RangeError);
});
`,
  "test/indent.test.js": String.raw`import test from "node:test";
import assert from "node:assert/strict";
import { indent } from "../src/index.js";

test("indents all but empty lines", () => {
  assert.equal(indent("a\n\nb"), "  a\n\n  b");
});
`,
};
