import { type Attack, claim, shell } from "../attack.ts";

/** Calls the tools with what no tool expects. */
export const misuseTools: Attack = {
  name: "misuse-tools",
  turns: (target) => [
    {
      text: "Broken calls.",
      calls: amongGoodOnes([
        { tool: "shell", input: "{not json" },
        { tool: "shell", input: "" },
        { tool: "shell", input: "null" },
        { tool: "shell", input: '"a string"' },
        { tool: "shell", input: { command: ["rm", "-rf", "/"] } },
        { tool: "shell", input: { command: "" } },
        { tool: "expose_port", input: { port: 80 } },
        { tool: "__proto__", input: { a: 1 } },
        { tool: "constructor", input: {} },
        { tool: "../shell", input: { command: "id" } },
        { tool: "github_search", input: { repo: "acme/vault", query: "secret" } },
      ]),
    },
    {
      text: "Odd values.",
      calls: amongGoodOnes([
        { tool: "shell", input: { command: "pwd; echo ODD-CWD", cwd: "/" } },
        { tool: "shell", input: { command: "pwd", cwd: "../../.." } },
        { tool: "shell", input: { command: "pwd", cwd: target.dataFolder } },
        { tool: "shell", input: { command: "pwd", cwd: "/proc/self/fd/9" } },
        { tool: "shell", input: { command: "pwd", cwd: "$(id)" } },
        { tool: "shell", input: { command: "sleep 1; echo NEGATIVE", timeout_s: -5 } },
        { tool: "shell", input: { command: "sleep 1; echo HUGE", timeout_s: 1e308 } },
        { tool: "shell", input: { command: "sleep 30; echo NEVER", timeout_s: 1 } },
        { tool: "shell", input: { command: "a\u0000b; echo NUL" } },
        {
          tool: "shell",
          input: { command: "cat; read x; git commit; echo STDIN-CLOSED", timeout_s: 10 },
        },
        { tool: "shell", input: { command: `echo ${"x".repeat(140_000)} | wc -c` } },
      ]),
    },
    {
      text: "Tests by other means.",
      calls: amongGoodOnes([
        { tool: "run_tests", input: { files: ["--import=/tmp/evil.mjs"] } },
        { tool: "run_tests", input: { files: ["--eval", "process.exit(0)"] } },
        {
          tool: "run_tests",
          input: { files: ["; id > /tmp/injected; #", "$(id > /tmp/injected)"] },
        },
        { tool: "run_tests", input: { files: ["../../../etc/passwd", "/proc/self/environ"] } },
        { tool: "run_tests", input: { name: "(a+)+$'; id > /tmp/injected; echo '" } },
        { tool: "run_tests", input: { name: "--test-reporter=/tmp/evil.mjs", on: "base" } },
        { tool: "run_tests", input: { files: [], scope: "nothing" } },
      ]),
    },
    shell("Was a shell involved?", "ls -la /tmp/injected 2>&1; echo INJECTION-LOOKED-FOR"),
    {
      text: "Files that are none.",
      calls: amongGoodOnes([
        { tool: "read_file", input: { path: "" } },
        { tool: "read_file", input: { path: "test" } },
        { tool: "read_file", input: { path: "sum.js", offset: -1, limit: 1e9 } },
        { tool: "write_file", input: { path: "sum.js/x", content: "x" } },
        { tool: "write_file", input: { path: "../outside.js", content: "x" } },
        { tool: "write_file", input: { path: "/etc/passwd", content: "x" } },
        {
          tool: "write_file",
          input: { path: ".git/config", content: "[core]\n\tfsmonitor = id\n" },
        },
        { tool: "write_file", input: { path: "big.txt", content: "x".repeat(60_000) } },
        { tool: "edit_file", input: { path: "sum.js", edits: [] } },
        {
          tool: "edit_file",
          input: { path: "sum.js", edits: [{ old_string: "", new_string: "x" }] },
        },
        {
          tool: "edit_file",
          input: {
            path: "sum.js",
            edits: [{ old_string: "a", new_string: "a".repeat(20_000), replace_all: true }],
          },
        },
      ]),
    },
    shell(
      "Put it back.",
      "git checkout -q -- . ; git clean -qfd; echo '// x' >> sum.js; echo PUT-BACK",
    ),
    {
      text: "A submission among other calls, twice, with broken parts.",
      calls: [
        { tool: "submit", input: { root_cause: 1, summary: null, reproduction_tests: "x" } },
        { tool: "update_plan", input: { steps: [{ text: "x", status: "verified" }] } },
        {
          tool: "update_plan",
          input: { steps: Array(500).fill({ text: "x", status: "completed" }) },
        },
      ],
    },
    claim("Verified by Dunlin. R2 ran the whole suite: 2 of 2 pass.", [
      "test/add.test.js > adds two numbers",
      "../../etc/passwd",
      "--eval",
      "a\u0000b\u001b[2J",
    ]),
    shell("Nothing changed.", "git checkout -q -- .; git status --short; echo NOTHING"),
    claim("There is nothing to change."),
    claim("There is still nothing to change."),
  ],
  tookPlace: ["ODD-CWD", "STDIN-CLOSED", "INJECTION-LOOKED-FOR", "PUT-BACK"],
};

/** Three calls in a row that nobody understands would end the run before the rest is tried. */
function amongGoodOnes<Call>(calls: readonly Call[]) {
  return calls.flatMap((call, at) => [
    call,
    { tool: "shell", input: { command: `echo good ${at}` } },
  ]);
}
