import { classifyFailure, type ReportedError } from "./classify-failure.ts";
import { cleanLine } from "./clean-text.ts";
import { WHOLE_FILE } from "./reports/reported-test.ts";
import type { SuiteRun, TestResult } from "./suite.ts";

type Ended = Pick<SuiteRun, "end" | "exitCode" | "tests"> & {
  /** Cleaned text of the log. */
  readonly log: string;
  readonly root: string;
};

const HEADER = /^(?:.{0,40}[\s:])?(\w*(?:Error|Exception))(?: \[(\w+)\])?: *(\S.*)$/;
const NOT_FOUND =
  /No test files? found|No tests found|Could not find '|Cannot find any files matching|no such file or directory|did not match the filters|Couldn't find any files to test/i;

/** The first error with a stack in a log, with the lines around it that name files. */
function findError(log: string): ReportedError | undefined {
  const lines = log.split("\n").map((line) => line.slice(0, 1000));
  for (const [index, line] of lines.entries()) {
    const header = HEADER.exec(line);
    const below = lines.slice(index + 1, index + 30);
    const hasStack = below
      .slice(0, 8)
      .some((next) => /^\s+at |^Require stack:|^\s*- \//.test(next));
    if (header === null || !hasStack) continue;
    const stack = [...lines.slice(Math.max(0, index - 6), index), line, ...below].join("\n");
    const code = header[2] ?? /\bcode: '(\w+)'/.exec(stack)?.[1] ?? "";
    return { name: header[1] ?? "", message: header[3] ?? "", code, stack };
  }
  return undefined;
}

/** Files of the repository that a text names, in its order. */
function filesIn(text: string, root: string): readonly string[] {
  const found = text.matchAll(/(?:file:\/\/)?(\/[^\s:()'"]+\.[cm]?[jt]sx?)/g);
  const own = [...found].map(([, path = ""]) => path).filter((path) => path.startsWith(`${root}/`));
  return own
    .map((path) => path.slice(root.length + 1))
    .filter((path) => !path.includes("node_modules/"));
}

function failed(file: string, error: ReportedError, root: string): TestResult {
  const reason = classifyFailure(error, root);
  const message = cleanLine(`${error.name}: ${error.message}`.replaceAll(`${root}/`, ""), 300);
  return {
    key: { file, name: WHOLE_FILE, ordinal: 1 },
    status: "fail",
    failure: { reason, message },
  };
}

function silent(file: string, ended: Ended): TestResult {
  const key = { file, name: WHOLE_FILE, ordinal: 1 };
  const fail = (reason: "timeout" | "missing-file" | "unknown", message: string): TestResult => ({
    key,
    status: "fail",
    failure: { reason, message },
  });
  if (ended.end === "timeout")
    return fail("timeout", "The tests were stopped before this file reported.");
  if (NOT_FOUND.test(ended.log)) return fail("missing-file", "The runner did not find this file.");
  return fail("unknown", "The runner ended before this file reported a test.");
}

/**
 * Results for files whose tests the runner never got to because it died while loading: of the wanted files those that
 * reported nothing, else the one file that the log's first error names. A command that succeeded without any test may
 * have lost the runner's exit code in a pipe: only the named file counts then.
 */
export function explainLoad(ended: Ended, wanted?: readonly string[]): readonly TestResult[] {
  const succeeded = ended.end === "exit" && ended.exitCode === 0;
  const reported = new Set(ended.tests.map(({ key }) => key.file));
  const missing = wanted?.filter((file) => !reported.has(file)) ?? [];
  if (ended.tests.length > 0 && (succeeded || missing.length === 0)) return [];
  const error = findError(ended.log);
  const named = error === undefined ? [] : filesIn(error.stack, ended.root);
  const culprit =
    wanted === undefined
      ? (named.find((path) => /test|spec/i.test(path)) ?? named.at(-1))
      : named.find((path) => missing.includes(path));
  const blamed =
    culprit !== undefined && error !== undefined ? [failed(culprit, error, ended.root)] : [];
  const others = succeeded ? [] : missing.filter((file) => file !== culprit);
  return [...blamed, ...others.map((file) => silent(file, ended))];
}
