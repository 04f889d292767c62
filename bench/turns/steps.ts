import type { Turn } from "../../test/model/scripted-model.ts";

/** One thing to do, as the model asks Dunlin for it and as a person's shell script would do it. */
export type Step = {
  readonly name: string;
  readonly call: { readonly tool: string; readonly input: unknown };
  readonly command: string;
  /** It runs tests: of these files, or all. */
  readonly tests?: { readonly files?: readonly string[] };
};

export const ISSUE = {
  title: "format loses seconds above an hour",
  body: "`format(3605)` gives `1h`. I expect `1h5s`.",
} as const;

const TEST_FILE = "test/long-spans.test.js";
const TEST = `import assert from "node:assert/strict";
import { test } from "node:test";
import { format } from "../src/format.js";

test("hours and seconds", () => assert.equal(format(3605), "1h5s"));
`;
const WRONG = "hours > 0 ? 0 : seconds % 60";

const readSource: Step = {
  name: "read",
  call: { tool: "read_file", input: { path: "src/format.js" } },
  command: "cat -n src/format.js",
};

const runAll: Step = {
  name: "all tests",
  call: { tool: "run_tests", input: { scope: "full" } },
  command: "npm test",
  tests: {},
};

const runOne: Step = {
  name: "one test file",
  call: { tool: "run_tests", input: { files: [TEST_FILE] } },
  command: `npm test -- ${TEST_FILE}`,
  tests: { files: [TEST_FILE] },
};

/** What a model does that solves the issue without a detour: look, show the bug, mend it, run everything. */
export const STEPS: readonly Step[] = [
  {
    name: "list",
    call: { tool: "shell", input: { command: "git ls-files" } },
    command: "git ls-files",
  },
  readSource,
  runAll,
  {
    name: "write",
    call: { tool: "write_file", input: { path: TEST_FILE, content: TEST } },
    command: `cat > ${TEST_FILE} <<'END'\n${TEST}END`,
  },
  runOne,
  {
    name: "edit",
    call: {
      tool: "edit_file",
      input: {
        path: "src/format.js",
        edits: [{ old_string: WRONG, new_string: "seconds % 60" }],
      },
    },
    command: `sed -i 's/${WRONG.replace("?", "[?]")}/seconds % 60/' src/format.js`,
  },
  runOne,
  {
    name: "diff",
    call: { tool: "shell", input: { command: "git diff" } },
    command: "git diff",
  },
  runAll,
];

/** The same as turns of the model, one call each, and the submission at the end. */
export const SCRIPT: readonly Turn[] = [
  ...STEPS.map(({ call }) => ({ calls: [call] })),
  {
    calls: [
      {
        tool: "submit",
        input: {
          root_cause: "Seconds were left out of spans of an hour and more.",
          summary: "format keeps the seconds.",
          reproduction_tests: [TEST_FILE],
        },
      },
    ],
  },
];
