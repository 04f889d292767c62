import { expect, test } from "vitest";
import { TOOL_SCHEMAS } from "../../../../src/agent/tools/toolbox.ts";
import type { TestResult } from "../../../../src/check/suite.ts";
import { openBench, suiteRun } from "../../../fakes/bench.ts";

test("the schemas are frozen: their bytes start every request", async () => {
  await expect(`${JSON.stringify(TOOL_SCHEMAS, null, 2)}\n`).toMatchFileSnapshot(
    "tool-schemas.txt",
  );
});

test("the schemas are small", () => {
  expect(JSON.stringify(TOOL_SCHEMAS).length).toBeLessThan(8_000);
});

test.each([
  ["shell", "{", "is not a JSON object"],
  ["shell", "[]", "is not a JSON object"],
  ["shell", "{}", "command: "],
  ["shell", '{"command":"ls","timeout_s":"long"}', "timeout_s: "],
  ["shell", '{"command":"ls","timeout_s":1000}', "timeout_s: "],
  ["edit_file", '{"path":"a","edits":[]}', "edits: "],
  ["read_file", '{"path":5}', "path: "],
  ["run_tests", '{"scope":"some"}', "scope: "],
])("%s with %s is malformed, and told how to write it", async (tool, input, why) => {
  await using bench = await openBench();
  const outcome = await bench.use(tool, input);
  expect(outcome).toMatchObject({ callId: "c", malformed: true });
  expect(outcome.text).toContain(why);
  expect(outcome.text).toContain('Expected: {"type":"object"');
  expect(outcome.text).toContain(`Received: ${input}`);
});

test("a long malformed input is quoted in part", async () => {
  await using bench = await openBench();
  expect((await bench.use("shell", `{${"x".repeat(100_000)}`)).text.length).toBeLessThan(1_500);
});

test("an unknown tool is answered with the known ones", async () => {
  await using bench = await openBench();
  const outcome = await bench.use("bash", { command: "ls" });
  expect(outcome).toMatchObject({ malformed: true });
  expect(outcome.text).toContain("shell, read_file, edit_file");
});

test("nulls and unknown fields are forgiven", async () => {
  await using bench = await openBench();
  const outcome = await bench.use("shell", { command: "echo a", cwd: null, why: "because" });
  expect(outcome.text).toBe("a");
});

test("a plan is handed on", async () => {
  await using bench = await openBench();
  const steps = [{ text: "Reproduce", status: "in_progress" }];
  expect((await bench.use("update_plan", { steps })).plan).toEqual(steps);
});

function failing(name: string): TestResult {
  const failure = { reason: "assertion", message: `expected ${name}` } as const;
  return { key: { file: "test/a.js", name, ordinal: 1 }, status: "fail", failure };
}

test("tests are told by counts, the first five failures and the end of the log", async () => {
  await using bench = await openBench();
  const names = ["a", "b", "c", "d", "e", "f", "g"];
  bench.results[0] = {
    ...suiteRun,
    exitCode: 1,
    tests: [...names.map(failing), { ...failing("fine"), status: "pass" }],
    logTail: Array.from({ length: 100 }, (_, index) => `log ${index}`).join("\n"),
  };
  const { text } = await bench.use("run_tests", { files: ["./test/a.js"], name: "x", on: "base" });
  expect(bench.tested).toEqual([
    { files: ["test/a.js"], name: "x", scope: "targeted", on: "base" },
  ]);
  expect(text).toContain("1 passed, 7 failed, 0 skipped.\n[exit code 1]");
  expect(text).toContain("FAIL test/a.js > a (assertion): expected a");
  expect(text).toContain("… and 2 more failures.");
  expect(text).not.toContain("> f ");
  expect(text).not.toContain("log 59");
  expect(text).toMatch(/log 99$/);
});

test("a suite that passes is told without its log; one without results with it", async () => {
  await using bench = await openBench();
  const passed = { ...failing("fine"), status: "pass" as const };
  bench.results.splice(0, 1, { ...suiteRun, tests: [passed], logTail: "noise" });
  bench.results.push({ ...suiteRun, logTail: "ok 1" });
  expect((await bench.use("run_tests", {})).text).not.toContain("noise");
  expect((await bench.use("run_tests", {})).text).toContain("ok 1");
});

test("the same results are the same state, others are another", async () => {
  await using bench = await openBench();
  bench.results.splice(0, 1, { ...suiteRun, tests: [failing("a")], durationMs: 1 });
  bench.results.push({ ...suiteRun, tests: [failing("a")], durationMs: 2, logTail: "9 ms" });
  bench.results.push({ ...suiteRun, tests: [failing("b")] });
  const states = [];
  for (let index = 0; index < 3; index += 1) {
    states.push((await bench.use("run_tests", {})).reached?.digest);
  }
  expect(states[0]).toBe(states[1]);
  expect(states[2]).not.toBe(states[0]);
});

test("a test file outside of the workspace is refused", async () => {
  await using bench = await openBench();
  expect((await bench.use("run_tests", { files: ["../x.js"] })).text).toMatch(/^Error: /);
  expect(bench.tested).toEqual([]);
});
