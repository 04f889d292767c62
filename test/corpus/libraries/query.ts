import type { Files } from "../corpus-case.ts";
import { manifest } from "./edit.ts";

export const ISSUE = `Plus signs are not decoded
parse("q=red+shoes&sort=price") gives q "red+shoes". Forms send spaces as plus signs, so names and values must have
them decoded: { q: "red shoes", sort: "price" }. "%2B" must stay a plus.`;

export const BASE: Files = {
  "package.json": manifest({
    name: "query-lite",
    version: "0.8.0",
    type: "module",
    exports: "./src/index.js",
    scripts: { test: "node --test" },
  }),
  "src/index.js": `export { parse } from "./parse.js";
export { stringify } from "./stringify.js";
`,
  "src/parse.js": `import { decode } from "./decode.js";

export function parse(text) {
  const result = {};
  for (const part of text.replace(/^[?]/, "").split("&")) {
    if (part === "") continue;
    const at = part.indexOf("=");
    const name = decode(at < 0 ? part : part.slice(0, at));
    const value = at < 0 ? "" : decode(part.slice(at + 1));
    if (name in result) {
      result[name] = [].concat(result[name], value);
    } else {
      result[name] = value;
    }
  }
  return result;
}
`,
  "src/decode.js": `export function decode(text) {
  return decodeURIComponent(text);
}
`,
  "src/stringify.js": `export function stringify(values) {
  return Object.entries(values)
    .flatMap(([name, value]) => [].concat(value).map((one) => [name, one]))
    .map((pair) => pair.map((one) => encodeURIComponent(one)).join("="))
    .join("&");
}
`,
  "test/parse.test.js": `import test from "node:test";
import assert from "node:assert/strict";
import { parse } from "../src/index.js";

test("reads names and values", () => {
  assert.deepEqual(parse("?a=1&b=2"), { a: "1", b: "2" });
});

test("collects what is repeated", () => {
  assert.deepEqual(parse("a=1&a=2&a=3&b=4"), { a: ["1", "2", "3"], b: "4" });
});

test("decodes percent signs", () => {
  assert.deepEqual(parse("name=J%C3%BCrgen&c=1%2B1"), { name: "Jürgen", c: "1+1" });
});

test("a name without a value", () => {
  assert.deepEqual(parse("debug&x="), { debug: "", x: "" });
});
`,
  "test/stringify.test.js": `import test from "node:test";
import assert from "node:assert/strict";
import { stringify } from "../src/index.js";

test("writes lists as repeated names", () => {
  assert.equal(stringify({ a: [1, 2], b: "x y" }), "a=1&a=2&b=x%20y");
});
`,
};
