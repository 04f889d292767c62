import {
  canMeasure,
  type FileLines,
  type MeasuredCoverage,
} from "../check/coverage/measure-coverage.ts";
import type { SuiteRun } from "../check/suite.ts";
import type { EgressRefusal } from "../sandbox/egress.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { changedLinesOf } from "../workspace/hunks.ts";
import { linesWithEnds } from "../workspace/line-diff.ts";
import type { FileChange } from "../workspace/patch.ts";
import { type ChangedFile, isCode } from "./gate.ts";
import { type SourceFile, sourcesOf } from "./hunks.ts";
import {
  inFreshSandbox,
  lost,
  type MatrixOptions,
  type MatrixPorts,
} from "./runs/fresh-sandbox.ts";
import { headOf } from "./runs/targeted.ts";
import { scanSource } from "./tests/source-scan.ts";

/** Which of the changed lines of source ran in the head's tests. Only lines that hold code are counted. */
export type Coverage =
  | {
      /** What counted, e.g. `V8`, and in whose tests when those weren't all. */
      readonly tool: string;
      readonly changedLines: number;
      readonly coveredLines: number;
      readonly uncovered: readonly FileLines[];
      /** Changed files about which nothing can be said; their lines aren't counted. */
      readonly unknown: readonly { readonly path: string; readonly reason: string }[];
    }
  | { readonly notMeasured: string };

export type CoverageOptions = MatrixOptions & {
  readonly changes: readonly FileChange[];
  readonly files: readonly ChangedFile[];
  /** The files that hold the patch's proofs; none goes for the whole suite at once. */
  readonly only: readonly string[];
  /** What the whole suite took on the head. */
  readonly suiteMs: number;
};

export type CoverageRun = {
  readonly coverage: Coverage;
  readonly runs: readonly { readonly tree: string; readonly suite: SuiteRun }[];
  readonly refusals: readonly EgressRefusal[];
};

/** A longer suite isn't run once more for lines that the patch's own tests don't reach. */
const LONGEST_SUITE_MS = 60_000;
/** Counting slows tests down. */
const PATIENCE = { times: 4, plusMs: 10_000 };
const TREE = "head, seeing which lines run";
const UNSEEN = "No process of the tests could be watched.";
const NOT_LOADED =
  "The tests did not load this file itself; whether they ran something made of it can't be seen.";

/** The lines of source that the patch adds or changes and that hold code. */
export function changedCode(files: readonly ChangedFile[]): readonly FileLines[] {
  return sourcesOf(files).flatMap((file) => {
    const code = codeLines(file);
    const lines = changedLinesOf(file.base, file.head).filter((line) => code.has(line));
    return lines.length === 0 ? [] : [{ path: file.path, lines }];
  });
}

/** In a sandbox of its own, so that no other result can suffer from being watched. */
export async function seeCoverage(
  ports: MatrixPorts,
  options: CoverageOptions,
): Promise<CoverageRun> {
  const changed = changedCode(options.files);
  const wanted = changed.filter(({ path }) => canMeasure(path));
  const others = changed.filter(({ path }) => !canMeasure(path));
  if (wanted.length === 0) {
    const none = "No line of code was added or changed in the source.";
    const notMeasured = others.length === 0 ? none : `${noTool(others)}.`;
    return { coverage: { notMeasured }, runs: [], refusals: [] };
  }
  const line = "seeing which changed lines the tests run";
  return inFreshSandbox(ports, options, line, async (sandbox) => {
    await headOf(ports, options.changes)(sandbox, options.signal);
    const measured = await measure(ports, options, sandbox, wanted);
    const unknown = others.map((file) => ({ path: file.path, reason: `${noTool([file])}.` }));
    return {
      coverage: coverageOf(measured, wanted, unknown),
      runs: measured.map(({ suite }) => ({ tree: TREE, suite })),
      refusals: [...sandbox.refusals],
    };
  });
}

function noTool(files: readonly FileLines[]): string {
  const ends = [...new Set(files.map(({ path }) => /\.\w+$/.exec(path)?.[0] ?? path))];
  return `There is nothing here to see which lines of ${ends.slice(0, 5).join(", ")} ran`;
}

async function measure(
  ports: MatrixPorts,
  options: CoverageOptions,
  sandbox: Sandbox,
  wanted: readonly FileLines[],
): Promise<readonly MeasuredCoverage[]> {
  const { project, signal, only, suiteMs } = options;
  const patientMs = Math.ceil(suiteMs * PATIENCE.times + PATIENCE.plusMs);
  const timeoutMs = Math.min(options.timeoutMs, patientMs);
  const run = async (files?: readonly string[]) => {
    const asked = { wanted, timeoutMs, signal, ...(files && { files }) };
    const one = await ports.measureCoverage(sandbox, project, asked);
    if (one.suite.end === "lost") throw lost();
    return one;
  };
  const targeted = only.length > 0 ? [await run(only)] : [];
  const [first] = targeted;
  const isDone = first !== undefined && (first.suite.end !== "exit" || isAllRan(first));
  if (isDone || suiteMs > LONGEST_SUITE_MS) return targeted;
  return [...targeted, await run()];
}

function isAllRan({ files, tools }: MeasuredCoverage): boolean {
  return (
    tools.length > 0 && files.every(({ ran, missed }) => ran.length > 0 && missed.length === 0)
  );
}

function coverageOf(
  measured: readonly MeasuredCoverage[],
  wanted: readonly FileLines[],
  others: readonly { readonly path: string; readonly reason: string }[],
): Coverage {
  const ended = measured.filter(({ suite }) => suite.end === "exit");
  if (ended.length === 0) {
    const end = measured.at(-1)?.suite.end;
    const notMeasured =
      end === undefined
        ? "The suite takes too long to run once more."
        : `The tests did not run to their end while they were watched (${end}).`;
    return { notMeasured };
  }
  const tools = [...new Set(ended.flatMap(({ tools }) => tools))];
  if (tools.length === 0) return { notMeasured: UNSEEN };
  const files = wanted.map((file) => ({ ...file, ...joined(file, ended) }));
  const isSeen = files.some(({ isKnown }) => isKnown);
  // Where some of the changed files were loaded as they stand, the tests run the source, and don't reach the others.
  const told = files.filter(({ isKnown, doubt }) => isKnown || (isSeen && doubt === null));
  const uncovered = told.flatMap(({ path, ran, missed, lines, isKnown }) => {
    const never = isKnown ? missed.filter((line) => !ran.has(line)) : lines;
    return never.length === 0 ? [] : [{ path, lines: never }];
  });
  const unknown = files.filter((file) => !told.includes(file));
  const coveredLines = told.reduce((sum, { ran }) => sum + ran.size, 0);
  const missedLines = uncovered.reduce((sum, { lines }) => sum + lines.length, 0);
  return {
    tool: `${tools.join(", ")}${isWhole(ended) ? "" : ", the patch's tests only"}`,
    changedLines: coveredLines + missedLines,
    coveredLines,
    uncovered,
    unknown: [
      ...unknown.map(({ path, doubt }) => ({ path, reason: doubt ?? NOT_LOADED })),
      ...others,
    ],
  };
}

function isWhole(measured: readonly MeasuredCoverage[]): boolean {
  return !(measured.at(-1)?.suite.command.includes(" # only ") ?? false);
}

/** A line that ran in one of the runs has run. */
function joined({ path, lines }: FileLines, measured: readonly MeasuredCoverage[]) {
  const found = measured.flatMap(({ files }) => files.filter((file) => file.path === path));
  const ran = new Set(found.flatMap((file) => file.ran));
  const missed = [...new Set(found.flatMap((file) => file.missed))];
  return {
    lines,
    ran,
    missed: missed.toSorted((a, b) => a - b),
    isKnown: ran.size + missed.length > 0,
    doubt: found.find(({ doubt }) => doubt !== null)?.doubt ?? null,
  };
}

/** Lines with a word, a number or a text outside comments. */
function codeLines({ path, head = "" }: SourceFile): ReadonlySet<number> {
  if (isCode(path)) {
    return new Set(
      scanSource(head)
        .filter(({ kind }) => kind !== "mark")
        .map(({ line }) => line),
    );
  }
  const lines = linesWithEnds(head).flatMap((line, index) =>
    /[\p{L}\p{N}]/u.test(line) && !/^\s*(?:#|\/\/|\/\*|\*|<!--)/.test(line) ? [index + 1] : [],
  );
  return new Set(lines);
}
