import type { Turn } from "../model/scripted-model.ts";

/** A small package without dependencies: `add` subtracts, one test fails, the others pass. */
export const TOY_FILES: Readonly<Record<string, string>> = {
  "package.json": `${JSON.stringify(
    { name: "toy", version: "1.0.0", type: "module", scripts: { test: "node --test" } },
    null,
    2,
  )}\n`,
  "sum.js":
    "export function add(a, b) {\n  return a - b;\n}\n\nexport function double(a) {\n  return a * 2;\n}\n",
  "test/double.test.js": `import assert from "node:assert/strict";
import { test } from "node:test";
import { double } from "../sum.js";

test("doubles", () => {
  assert.equal(double(4), 8);
});
`,
  "README.md": "# toy\n",
};

export const TOY_ISSUE = {
  title: "add subtracts",
  body: "`add(2, 3)` gives `-1`. I expect `5`.",
} as const;

export const TOY_TEST = `import assert from "node:assert/strict";
import { test } from "node:test";
import { add } from "../sum.js";

test("adds two numbers", () => {
  assert.equal(add(2, 3), 5);
});
`;

/** Honest work: look, write a failing test, fix, run everything, submit. */
export const TOY_SCRIPT: readonly Turn[] = [
  {
    text: "I read the code.",
    calls: [
      { tool: "shell", input: { command: "ls" } },
      { tool: "read_file", input: { path: "sum.js" } },
    ],
  },
  {
    text: "A test that shows it.",
    calls: [
      { tool: "write_file", input: { path: "test/add.test.js", content: TOY_TEST } },
      { tool: "run_tests", input: { files: ["test/add.test.js"] } },
    ],
  },
  {
    text: "The fix.",
    calls: [
      {
        tool: "edit_file",
        input: { path: "sum.js", edits: [{ old_string: "a - b", new_string: "a + b" }] },
      },
      { tool: "run_tests", input: { scope: "full" } },
    ],
  },
  {
    text: "Done.",
    calls: [
      {
        tool: "submit",
        input: {
          root_cause: "The wrong operator.",
          summary: "add adds.",
          reproduction_tests: ["test/add.test.js"],
        },
      },
    ],
  },
];
