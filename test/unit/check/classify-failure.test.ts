import { describe, expect, it } from "vitest";
import { classifyFailure, type ReportedError } from "../../../src/check/classify-failure.ts";

const IN_SOURCE =
  "\n    at add (/workspace/add.js:2:9)\n    at Module._compile (node:internal/modules/cjs/loader:1:1)";
const IN_LOADER =
  "\n    at wrapSafe (node:internal/modules/cjs/loader:1:1)\n    at Object.<anonymous> (/workspace/test/a.js:1:1)";
const IN_PACKAGE =
  "\n    at x (/workspace/node_modules/y/index.js:1:1)\n    at node:internal/timers:5:1";

function reason(error: Partial<ReportedError>): string {
  const complete = { name: "Error", message: "", code: "", stack: "", ...error };
  return classifyFailure(
    { ...complete, stack: `${complete.name}: ${complete.message}${complete.stack}` },
    "/workspace",
  );
}

describe("classifyFailure", () => {
  it.each<[string, Partial<ReportedError>, string]>([
    ["a failed comparison", { name: "AssertionError", assertion: true }, "assertion"],
    ["an error in the source", { name: "TypeError", stack: IN_SOURCE }, "exception"],
    [
      "a missing function of the source, called by the test",
      {
        name: "TypeError",
        message: "l.nope is not a function",
        stack: "\n    at Context.<anonymous> (/workspace/test/a.js:4:1)",
      },
      "exception",
    ],
    [
      "paths that the runner made relative",
      { stack: "\n    at add (lib/add.js:2:9)" },
      "exception",
    ],
    ["an ESM frame", { stack: "\n    at file:///workspace/add.js:2:9" }, "exception"],
    ["a TAP frame", { stack: "\n    Test.<anonymous> (test/add.js:4:29)" }, "exception"],
    [
      "JSON that the source can't parse",
      {
        name: "SyntaxError",
        message: "Unexpected end of JSON input",
        stack: `\n    at JSON.parse (<anonymous>)${IN_SOURCE}`,
      },
      "exception",
    ],
    ["an error in a dependency only", { stack: IN_PACKAGE }, "unknown"],
    ["nothing known", {}, "unknown"],
    [
      "a file that is no program",
      { name: "SyntaxError", message: "Unexpected token ';'", stack: IN_LOADER },
      "syntax",
    ],
    [
      "a file that babel can't read",
      { name: "SyntaxError", message: "/workspace/d.test.js: Unexpected token (1:10)" },
      "syntax",
    ],
    [
      "a file that esbuild can't read",
      { message: "Transform failed with 1 error:\n/workspace/a.ts:1:10: ERROR" },
      "syntax",
    ],
    [
      "a file that rolldown can't read",
      { name: "RolldownError", message: "Parse failure: Unexpected token" },
      "syntax",
    ],
    [
      "a CommonJS module that isn't there",
      { code: "MODULE_NOT_FOUND", message: "Cannot find module './x'", stack: IN_SOURCE },
      "import",
    ],
    ["jest's way to say so", { message: "Cannot find module './x' from 'a.test.js'" }, "import"],
    [
      "vitest's way to say so",
      { message: "Failed to load url ./x (resolved id: ./x) in a.test.js" },
      "import",
    ],
    [
      "an export that isn't there",
      {
        name: "SyntaxError",
        message: "The requested module './a.js' does not provide an export named 'b'",
      },
      "import",
    ],
    [
      "a fixture that isn't there",
      { code: "ENOENT", message: "ENOENT: no such file or directory, open 'x'", stack: IN_SOURCE },
      "missing-file",
    ],
    [
      "the same without a code",
      { message: "ENOENT: no such file or directory, open 'x'" },
      "missing-file",
    ],
    ["the runner's time limit", { timeout: true, stack: IN_SOURCE }, "timeout"],
  ])("%s", (_, error, expected) => {
    expect(reason(error)).toBe(expected);
  });
});
