import type { Files } from "../corpus-case.ts";
import { manifest } from "./edit.ts";

export const ISSUE = `Some patterns take seconds
match("*a*a*a*a*a*a*b", "a".repeat(80)) keeps the processor busy for a very long time, far longer than a second; with
fewer stars it takes some hundred milliseconds. Matching has to take time in proportion to pattern and text.`;

/** For mocha with node:assert. */
export const BASE: Files = {
  "package.json": manifest({
    name: "star-glob",
    version: "3.1.0",
    main: "lib/match.js",
    scripts: { test: "mocha" },
  }),
  ".mocharc.json": `{ "spec": ["test/*.spec.js"], "timeout": 1000 }
`,
  "lib/match.js": `"use strict";
const { compile } = require("./compile.js");

const answers = new Map();

function match(pattern, text) {
  const key = pattern + " " + text;
  if (!answers.has(key)) answers.set(key, step(compile(pattern), 0, text, 0));
  return answers.get(key);
}

function step(tokens, at, text, from) {
  if (at === tokens.length) return from === text.length;
  const token = tokens[at];
  if (token.type === "star") {
    for (let end = from; end <= text.length; end += 1) {
      if (step(tokens, at + 1, text, end)) return true;
    }
    return false;
  }
  if (from === text.length) return false;
  if (token.type === "any" || token.value === text[from]) return step(tokens, at + 1, text, from + 1);
  return false;
}

exports.match = match;
`,
  "lib/compile.js": `"use strict";

function compile(pattern) {
  return [...pattern].map((character) => {
    if (character === "*") return { type: "star" };
    if (character === "?") return { type: "any" };
    return { type: "literal", value: character };
  });
}

exports.compile = compile;
`,
  "test/match.spec.js": `"use strict";
const assert = require("node:assert/strict");
const { match } = require("../lib/match.js");

describe("match", () => {
  it("compares literals", () => {
    assert.equal(match("readme.md", "readme.md"), true);
    assert.equal(match("readme.md", "readme.mdx"), false);
  });

  it("a question mark stands for one character", () => {
    assert.equal(match("a?c", "abc"), true);
    assert.equal(match("a?c", "ac"), false);
  });

  it("a star stands for any number", () => {
    assert.equal(match("*.js", "index.js"), true);
    assert.equal(match("*.js", ".js"), true);
    assert.equal(match("*.js", "index.ts"), false);
  });

  it("stars in the middle", () => {
    assert.equal(match("lib/*/index.*", "lib/net/index.js"), true);
  });
});
`,
  "test/compile.spec.js": `"use strict";
const assert = require("node:assert/strict");
const { compile } = require("../lib/compile.js");

describe("compile", () => {
  it("gives a token for each character", () => {
    assert.deepEqual(compile("a*?").map((token) => token.type), ["literal", "star", "any"]);
  });
});
`,
};
