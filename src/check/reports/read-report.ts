import { z } from "zod";
import type { ReportedError } from "../classify-failure.ts";
import { failureReasons, type TestResult } from "../suite.ts";
import type { Hash } from "../suite-log.ts";
import { readJunit } from "./read-junit.ts";
import { isWholeTap, readTap, readTapOfFiles, type TapTest } from "./read-tap.ts";
import { MOST_TESTS, type ReportedTest, resultsOf } from "./reported-test.ts";
import { type Integrity, openSealed } from "./sealed-lines.ts";
import type { TakenReports } from "./take-reports.ts";

export type Report = { readonly tests: readonly TestResult[]; readonly integrity: Integrity };

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
      reason: z.enum(failureReasons).optional().catch(undefined),
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

function fromTap(file: string, tests: readonly TapTest[]): readonly ReportedTest[] {
  return tests.map(({ names, status, error }) => ({ file, names, status, error }));
}

/** Tests of the lines that `reporters/record.ts` writes, in their order; what is no such line is passed over. */
export function readLines(lines: Iterable<string>): readonly ReportedTest[] {
  const results = new Map<string, Found>();
  const taps = new Map<string, string>();
  for (const line of lines) {
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
function withoutEchoes(
  results: readonly ReportedTest[],
  fromFiles: readonly ReportedTest[],
): readonly ReportedTest[] {
  const reported = new Set(fromFiles.map(({ file }) => file));
  const failed = new Set(
    fromFiles.filter(({ status }) => status === "fail").map(({ file }) => file),
  );
  return results.filter(({ file, names, status }) => {
    if (names.length > 0 || !reported.has(file)) return true;
    return status === "fail" && !failed.has(file);
  });
}

/** What the reporters left, as results of the workspace at `root`; `key` is what this run's seals began with. */
export function readReport(
  taken: TakenReports,
  place: { readonly root: string; readonly key: string },
  createHash: () => Hash,
): Report {
  const sealed = openSealed(taken.streams, place.key, createHash);
  const files = readTapOfFiles(taken.tapOfFiles);
  const junit = taken.junit.map(readJunit);
  const tests = [
    ...readLines(sealed.lines),
    ...files.flatMap(({ file, tests }) => fromTap(file, tests)),
    ...junit.flatMap((report) => report.tests),
  ];
  const ended =
    taken.whole &&
    sealed.integrity.ended &&
    isWholeTap(taken.tapOfFiles) &&
    junit.every(({ whole }) => whole);
  return { tests: resultsOf(tests, place.root), integrity: { ...sealed.integrity, ended } };
}
