import { classifyFailure, type ReportedError } from "../classify-failure.ts";
import { cleanLine } from "../clean-text.ts";
import type { FailureReason, TestResult } from "../suite.ts";

/** One test as a report has it; every text comes from the sandbox. */
export type ReportedTest = {
  /** Absolute, or relative to the workspace; empty when the report doesn't say. */
  readonly file: string;
  /** Its groups and itself, outermost first; none for a whole file. */
  readonly names: readonly string[];
  readonly status: TestResult["status"];
  readonly error?: ReportedError | undefined;
};

/** Name of the test that stands for a whole file: its own load, or its exit code when it has no tests. */
export const WHOLE_FILE = "(file)";
/** More results than this are not read from one run. */
export const MOST_TESTS = 200_000;

const PLAIN_NAMES = ["", "Error", "AssertionError", "TestingLibraryElementError"];

/**
 * Results by file, each file's in the order of the report; equal names in one file are told apart by their ordinal.
 * `root` is the workspace as the sandbox names it.
 */
export function resultsOf(tests: readonly ReportedTest[], root: string): readonly TestResult[] {
  const ordinals = new Map<string, number>();
  const results = tests.slice(0, MOST_TESTS).map((test): TestResult => {
    const file = relative(test.file, root);
    const names = test.names.filter((name) => name !== "").map((name) => cleanLine(name, 500));
    const name = names.length > 0 ? names.join(" > ") : WHOLE_FILE;
    const ordinal = (ordinals.get(`${file}\n${name}`) ?? 0) + 1;
    ordinals.set(`${file}\n${name}`, ordinal);
    const key = { file, name, ordinal };
    return test.status === "fail"
      ? { key, status: "fail", failure: failureOf(test.error, root) }
      : { key, status: test.status };
  });
  // Runners with several workers report files in any order.
  return results.sort((a, b) => (a.key.file < b.key.file ? -1 : Number(a.key.file > b.key.file)));
}

function relative(file: string, root: string): string {
  const plain = file.replace(/^file:\/\//, "");
  const inside = plain.startsWith(`${root}/`) ? plain.slice(root.length + 1) : plain;
  return cleanLine(inside.replace(/^(?:\.\/)+/, ""), 1000);
}

function failureOf(
  error: ReportedError | undefined,
  root: string,
): NonNullable<TestResult["failure"]> {
  if (error === undefined) return { reason: "unknown", message: "The runner gave no reason." };
  const reason: FailureReason = classifyFailure(error, root);
  const isPlain = PLAIN_NAMES.includes(error.name) || error.message.startsWith(error.name);
  const prefix = isPlain ? "" : `${error.name}: `;
  const text = error.message.replace(/\nRequire stack:[\s\S]*/, "").replaceAll(`${root}/`, "");
  const message = cleanLine(`${prefix}${text}`, 300);
  return { reason, message: message === "" ? "The test failed without a message." : message };
}
