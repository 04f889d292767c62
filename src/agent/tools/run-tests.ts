import { z } from "zod";
import { formatKey, type SuiteRun, type TestResult } from "../../check/suite.ts";
import { describeEnd } from "./output.ts";
import { shownPath, workspacePath } from "./paths.ts";
import { type Tool, toolInput } from "./tool.ts";

const SHOWN_FAILURES = 5;
const SHOWN_LOG_LINES = 40;
const SHOWN_LOG_CHARS = 6_000;

const input = toolInput(
  "run_tests",
  "Run the repository's tests and get the result of each test. Use scope full before you submit. With on: base your new tests run against the code as it was before your change: they must fail there.",
  z.object({
    files: z.array(z.string().min(1)).max(50).optional().describe("Test files; all when left out."),
    name: z.string().min(1).optional().describe("Only tests whose name contains this."),
    scope: z.enum(["targeted", "full"]).default("targeted"),
    on: z.enum(["head", "base"]).default("head"),
  }),
);

export const runTests: Tool<{
  files?: string[] | undefined;
  name?: string | undefined;
  scope: "targeted" | "full";
  on: "head" | "base";
}> = {
  ...input,
  async run({ files, name, scope, on }, bench) {
    const run = await bench.runTests(
      {
        files: (files ?? []).map((file) => shownPath(workspacePath(file))),
        scope,
        on,
        ...(name === undefined ? {} : { name }),
      },
      bench.signal,
    );
    const results = run.tests.map((test) => `${formatKey(test.key)}\t${test.status}`);
    const digest = bench.digestOf(
      new TextEncoder().encode([on, run.exitCode, ...results].join("\n")),
    );
    return { text: describeRun(run), reached: { what: "tests", digest } };
  },
};

function describeRun(run: SuiteRun): string {
  const failures = run.tests.filter((test) => test.status === "fail");
  const count = (status: TestResult["status"]) =>
    run.tests.filter((test) => test.status === status).length;
  const counts =
    run.tests.length === 0
      ? "No test by test results were reported; read the log."
      : `${count("pass")} passed, ${failures.length} failed, ${count("skip")} skipped.`;
  const end = describeEnd(run, Math.round(run.durationMs / 1_000));
  const shown = failures.slice(0, SHOWN_FAILURES).map(describeFailure);
  const more = failures.length - shown.length;
  if (more > 0) shown.push(`… and ${more} more failures.`);
  const log = end === undefined && failures.length === 0 && run.tests.length > 0 ? [] : logOf(run);
  const lines = [`$ ${run.command}`, counts, ...(end === undefined ? [] : [end]), ...shown, ...log];
  return lines.join("\n");
}

function describeFailure(test: TestResult): string {
  const why =
    test.failure === undefined ? "" : ` (${test.failure.reason}): ${test.failure.message}`;
  return `FAIL ${formatKey(test.key)}${why}`;
}

function logOf(run: SuiteRun): string[] {
  const tail = run.logTail.slice(-SHOWN_LOG_CHARS).trimEnd().split("\n").slice(-SHOWN_LOG_LINES);
  return ["Last lines of the log:", ...tail];
}
