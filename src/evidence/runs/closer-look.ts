import { Failure } from "../../errors.ts";
import { type EgressRefusal, sumRefusals } from "../../sandbox/egress.ts";
import type { Patch } from "../../workspace/patch.ts";
import {
  type CheckName,
  type Checks,
  checkNames,
  compareChecks,
  hasChecks,
  NO_CHECKS,
  runBaseChecks,
  runHeadChecks,
  type SideChecks,
  type SideRun,
} from "../checks.ts";
import { type Coverage, seeCoverage } from "../coverage.ts";
import { type CommandRecord, recordOf } from "../evidence.ts";
import type { ChangedFile } from "../gate.ts";
import { type HunkRecord, planHunks, type Trial } from "../hunks.ts";
import type { Classified } from "../tests/classify.ts";
import type { Runs } from "../tests/fail-to-pass.ts";
import type { MatrixOptions, MatrixPorts } from "./fresh-sandbox.ts";
import { inParallel, type Task } from "./in-parallel.ts";
import { revertHunks } from "./revert-hunks.ts";
import { testFilesOf } from "./targeted.ts";

export type CloserLook = {
  readonly hunks: readonly HunkRecord[];
  readonly coverage: Coverage;
  readonly checks: Checks;
  readonly commands: readonly CommandRecord[];
  readonly refusals: readonly EgressRefusal[];
};

export type CloserOptions = MatrixOptions & {
  readonly patch: Patch;
  readonly files: readonly ChangedFile[];
  readonly runs: Runs;
  readonly tests: Classified;
  /** The base's half of R6, when it is known. */
  readonly baseChecks?: SideChecks;
};

/** What stands instead of a look that nobody took. */
export const NO_LOOK: CloserLook = {
  hunks: [],
  coverage: { notMeasured: "The change is unverified without it." },
  checks: NO_CHECKS,
  commands: [],
  refusals: [],
};

/** What one of the tasks found. */
type Part = {
  readonly hunks?: readonly HunkRecord[];
  readonly coverage?: Coverage;
  readonly base?: SideChecks;
  readonly head?: SideChecks;
  readonly commands: readonly CommandRecord[];
  readonly refusals: readonly EgressRefusal[];
};

/** A suite of milliseconds may still have hunks that take longer. */
const LEAST_BUDGET_MS = 20_000;
const MOST_BUDGET_MS = 5 * 60_000;

/**
 * What the other runs can't tell of a change that may be verified: R5, which parts of it the tests need; which of its lines
 * they run; R6, whether it builds as before and what compilers and linters say now. Side by side, and none for much longer than the suite takes.
 */
export async function lookCloser(ports: MatrixPorts, options: CloserOptions): Promise<CloserLook> {
  const { project, baseChecks } = options;
  const trials = planHunks(options.files, options.patch.changes);
  const files = proofFiles(options);
  const tasks = [
    softly(
      (signal) => revert(ports, { ...options, signal }, trials, files),
      (why) => ({
        hunks: trials.map(({ hunk }) => ({ ...hunk, note: hunk.note ?? `Not tried: ${why}` })),
      }),
    ),
    softly(
      (signal) => cover(ports, { ...options, signal }, files),
      (why) => ({ coverage: { notMeasured: why } }),
    ),
    ...(hasChecks(project) ? checkTasks(ports, options) : []),
  ];
  const parts = await inParallel(tasks, options);
  const found: Part = Object.assign({ base: baseChecks }, ...parts);
  const { hunks = [], base, head, coverage = NO_LOOK.coverage } = found;
  return {
    hunks,
    coverage,
    checks: base === undefined || head === undefined ? NO_CHECKS : compareChecks(base, head),
    commands: parts.flatMap(({ commands }) => commands),
    refusals: parts.map(({ refusals }) => refusals).reduce(sumRefusals, []),
  };
}

/** None of this proves the change, so what goes wrong here is said and nothing else suffers from it. */
function softly(work: Task<Part>, otherwise: (why: string) => Omit<Part, "commands" | "refusals">) {
  return async (signal: AbortSignal): Promise<Part> => {
    try {
      return await work(signal);
    } catch (error) {
      if (!(error instanceof Failure) || signal.aborted) throw error;
      return { ...otherwise(error.message), commands: [], refusals: [] };
    }
  };
}

/** The files that hold the fail-to-pass tests; the patch's own where the runner doesn't say. */
function proofFiles({ patch, tests }: CloserOptions): readonly string[] {
  const told = new Set(tests.failToPass.map(({ key }) => key.file).filter((file) => file !== ""));
  return told.size > 0 ? [...told] : testFilesOf(patch);
}

async function revert(
  ports: MatrixPorts,
  options: CloserOptions,
  trials: readonly Trial[],
  files: readonly string[],
): Promise<Part> {
  const { patch, runs, tests } = options;
  const usual = runs.again.find((repeat) => files.every((file) => repeat.files.includes(file)));
  const {
    hunks,
    runs: tried,
    refusals,
  } = await revertHunks(ports, {
    ...options,
    changes: patch.changes,
    trials,
    proofs: tests.failToPass.map(({ key }) => key),
    ...(files.length > 0 && { only: files }),
    usualMs: (usual?.suite ?? runs.head).durationMs,
    budgetMs: Math.min(MOST_BUDGET_MS, Math.max(LEAST_BUDGET_MS, runs.head.durationMs)),
  });
  const commands = tried.map(({ tree, suite }, index) => recordOf(nth("R5", index), tree, suite));
  return { hunks, commands, refusals };
}

async function cover(
  ports: MatrixPorts,
  options: CloserOptions,
  only: readonly string[],
): Promise<Part> {
  const { changes } = options.patch;
  const suiteMs = options.runs.head.durationMs;
  const found = await seeCoverage(ports, { ...options, changes, only, suiteMs });
  const commands = found.runs.map(({ tree, suite }, index) =>
    recordOf(nth("R2", index + 1), tree, suite),
  );
  return { coverage: found.coverage, commands, refusals: found.refusals };
}

function checkTasks(ports: MatrixPorts, options: CloserOptions): readonly Task<Part>[] {
  const head: Task<Part> = async (signal) => {
    const changes = options.patch.changes;
    const side = await runHeadChecks(ports, { ...options, signal, changes });
    return { head: side.checks, ...told(side, "head", checkNames.length) };
  };
  const base: Task<Part> = async (signal) => {
    const side = await runBaseChecks(ports, { ...options, signal });
    return { base: side.checks, ...told(side, "base", 0) };
  };
  const isKnown = options.baseChecks !== undefined;
  return (isKnown ? [head] : [base, head]).map((task) => softly(task, () => ({})));
}

function told({ checks, refusals }: SideRun, tree: string, from: number) {
  const commands = checkNames.flatMap((name: CheckName, index) => {
    const run = checks[name];
    return run === null ? [] : [recordOf(nth("R6", from + index), `${tree}, ${name}`, run)];
  });
  return { commands, refusals };
}

function nth(id: string, index: number): string {
  return `${id}${String.fromCharCode(97 + index)}`;
}
