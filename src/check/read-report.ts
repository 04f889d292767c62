import { z } from "zod";
import { classifyFailure, type ReportedError } from "./classify-failure.ts";
import { cleanLine } from "./clean-text.ts";
import { linesOf } from "./lines.ts";
import { readTap, readTapOfFiles, type TapTest } from "./read-tap.ts";
import type { FailureReason, TestResult } from "./suite.ts";

/** What the reporters leave in the sandbox: lines of JSON, and TAP of runners that write it themselves. */
export type RawReport = { readonly lines: string; readonly tapOfFiles: string };

/** Name of the test that stands for a whole file: its own load, or its exit code when it has no tests. */
export const WHOLE_FILE = "(file)";

const MOST_TESTS = 200_000;
const LONGEST_LINE = 256 * 1024;
const Text = z.string().catch("");
const ResultLine = z.object({
  id: z.string(),
  file: Text,
  names: z.array(z.string()),
  status: z.enum(["pass", "fail", "skip"]),
  error: z
    .object({
      name: Text,
      message: Text,
      code: Text,
      stack: Text,
      assertion: z.boolean().optional(),
      timeout: z.boolean().optional(),
    })
    .optional(),
});
const TapLine = z.object({ file: Text, tap: z.string() });

type Found = {
  readonly file: string;
  readonly names: readonly string[];
  status: TestResult["status"];
  error: ReportedError | undefined;
};

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // cut off by the end of the process
  }
}

/** The worst of several reports about one test counts. */
function merge(known: Found, again: Found): void {
  const severity = { pass: 0, skip: 1, fail: 2 };
  if (severity[again.status] <= severity[known.status]) return;
  known.status = again.status;
  known.error = again.error;
}

function fromTap(file: string, tests: readonly TapTest[]): readonly Found[] {
  return tests.map(({ names, status, error }) => ({ file, names, status, error }));
}

function readLines(lines: string): readonly Found[] {
  const results = new Map<string, Found>();
  const taps = new Map<string, string>();
  for (const line of linesOf(lines)) {
    if (line === "" || line.length > LONGEST_LINE || results.size >= MOST_TESTS) continue;
    const entry = parseLine(line);
    const tap = TapLine.safeParse(entry).data;
    if (tap !== undefined) taps.set(tap.file, (taps.get(tap.file) ?? "") + tap.tap);
    const result = ResultLine.safeParse(entry).data;
    if (result === undefined) continue;
    const found: Found = { ...result, error: result.error };
    const known = results.get(result.id);
    if (known === undefined) results.set(result.id, found);
    else merge(known, found);
  }
  const fromFiles = [...taps].flatMap(([file, text]) => fromTap(file, readTap(text)));
  return [...withoutEchoes([...results.values()], fromFiles), ...fromFiles];
}

/** A file that fails because of its own reported tests is not a second failure. */
function withoutEchoes(results: readonly Found[], fromFiles: readonly Found[]): readonly Found[] {
  const reported = new Set(fromFiles.map(({ file }) => file));
  const failed = new Set(
    fromFiles.filter(({ status }) => status === "fail").map(({ file }) => file),
  );
  return results.filter(({ file, names, status }) => {
    if (names.length > 0 || !reported.has(file)) return true;
    return status === "fail" && !failed.has(file);
  });
}

function relative(file: string, root: string): string {
  const plain = file.replace(/^file:\/\//, "");
  const inside = plain.startsWith(`${root}/`) ? plain.slice(root.length + 1) : plain;
  return cleanLine(inside.replace(/^(?:\.\/)+/, ""), 1000);
}

function failureOf(found: Found, root: string): NonNullable<TestResult["failure"]> {
  const { error } = found;
  if (error === undefined) return { reason: "unknown", message: "The runner gave no reason." };
  const reason: FailureReason = classifyFailure(error, root);
  const plainName = ["", "Error", "AssertionError", "TestingLibraryElementError"].includes(
    error.name,
  );
  const prefix = plainName || error.message.startsWith(error.name) ? "" : `${error.name}: `;
  const text = error.message.replace(/\nRequire stack:[\s\S]*/, "").replaceAll(`${root}/`, "");
  const message = cleanLine(`${prefix}${text}`, 300);
  return { reason, message: message === "" ? "The test failed without a message." : message };
}

/** Results by file, each file's in the order of the report; equal names in one file are told apart by their ordinal. */
export function readReport(raw: RawReport, root: string): readonly TestResult[] {
  const files = readTapOfFiles(raw.tapOfFiles);
  const all = [
    ...readLines(raw.lines),
    ...files.flatMap(({ file, tests }) => fromTap(file, tests)),
  ];
  const ordinals = new Map<string, number>();
  const results = all.slice(0, MOST_TESTS).map((found): TestResult => {
    const file = relative(found.file, root);
    const names = found.names.filter((name) => name !== "").map((name) => cleanLine(name, 500));
    const name = names.length > 0 ? names.join(" > ") : WHOLE_FILE;
    const ordinal = (ordinals.get(`${file}\n${name}`) ?? 0) + 1;
    ordinals.set(`${file}\n${name}`, ordinal);
    const key = { file, name, ordinal };
    return found.status === "fail"
      ? { key, status: "fail", failure: failureOf(found, root) }
      : { key, status: found.status };
  });
  // Runners with several workers report files in any order.
  return results.sort((a, b) => (a.key.file < b.key.file ? -1 : Number(a.key.file > b.key.file)));
}
