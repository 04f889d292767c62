import { describe, expect, it } from "vitest";
import { explainLoad } from "../../../src/check/explain-load.ts";
import type { TestResult } from "../../../src/check/suite.ts";

const IMPORT = `
 Exception during run: Error: Cannot find module './nope'
Require stack:
- /workspace/test/c.js
    at Module._resolveFilename (node:internal/modules/cjs/loader:1564:15)
    at Object.<anonymous> (/workspace/test/c.js:1:1)
`;
const SYNTAX = `/workspace/test/c.js:1
const x = ;
          ^

SyntaxError: Unexpected token ';'
    at wrapSafe (node:internal/modules/cjs/loader:1804:18)
    at Module._compile (node:internal/modules/cjs/loader:1847:20)
`;
const passed: TestResult = { key: { file: "test/a.js", name: "x", ordinal: 1 }, status: "pass" };

function explain(log: string, wanted?: readonly string[], more: object = {}): readonly string[] {
  const ended = { end: "exit", exitCode: 1, tests: [], log, root: "/workspace", ...more } as const;
  return explainLoad(ended, wanted).map(({ key, failure }) => `${key.file} ${failure?.reason}`);
}

describe("explainLoad", () => {
  it("names the file that kept a whole suite from starting", () => {
    expect(explain(IMPORT)).toEqual(["test/c.js import"]);
    expect(explain(SYNTAX)).toEqual(["test/c.js syntax"]);
  });

  it("blames the file that the error names, not the others that were wanted", () => {
    expect(explain(SYNTAX, ["test/b.js", "test/c.js"])).toEqual([
      "test/c.js syntax",
      "test/b.js unknown",
    ]);
  });

  it("says that a file is missing", () => {
    expect(explain("Could not find 'test/z.js'", ["test/z.js"])).toEqual([
      "test/z.js missing-file",
    ]);
  });

  it("says that the time was up", () => {
    expect(explain("", ["test/z.js"], { end: "timeout", exitCode: null })).toEqual([
      "test/z.js timeout",
    ]);
  });

  it("adds nothing to files that reported", () => {
    expect(explain(IMPORT, ["test/a.js"], { tests: [passed] })).toEqual([]);
    expect(explain(IMPORT, undefined, { tests: [passed] })).toEqual([]);
  });

  it("adds nothing when the command succeeded and reported", () => {
    expect(explain(IMPORT, ["test/c.js"], { exitCode: 0, tests: [passed] })).toEqual([]);
    expect(explain("all fine", ["test/c.js"], { exitCode: 0 })).toEqual([]);
  });

  it("is not misled by a pipe that hides the runner's exit code", () => {
    const wanted = ["test/b.js", "test/c.js"];
    expect(explain(IMPORT, wanted, { exitCode: 0 })).toEqual(["test/c.js import"]);
  });

  it("guesses no file for an error outside of the repository", () => {
    expect(explain("Error: bad option\n    at x (/usr/lib/tool.js:1:1)")).toEqual([]);
  });
});
