import { Failure } from "../errors.ts";
import { type EgressRefusal, sumRefusals } from "../sandbox/egress.ts";
import type { Patch } from "../workspace/patch.ts";
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
} from "./checks.ts";
import type { Classified } from "./classify.ts";
import type { Coverage } from "./coverage.ts";
import { type CommandRecord, recordOf } from "./evidence.ts";
import type { Runs } from "./fail-to-pass.ts";
import type { MatrixOptions, MatrixPorts } from "./fresh-sandbox.ts";
import type { ChangedFile } from "./gate.ts";
import { type HunkRecord, planHunks, type Trial } from "./hunks.ts";
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
 * What the other runs can't tell of a change that may be verified: R5, which parts of it the tests need; R6, whether it
 * builds as before and what compilers and linters say now. Side by side, and none for much longer than the suite takes.
 */
export async function lookCloser(ports: MatrixPorts, options: CloserOptions): Promise<CloserLook> {
  const { project, baseChecks } = options;
  const trials = planHunks(options.files, options.patch.changes);
  const tasks = [
    softly(
      (signal) => revert(ports, { ...options, signal }, trials),
      (why) => ({ hunks: trials.map(({ hunk }) => ({ ...hunk, note: hunk.note ?? why })) }),
    ),
    ...(hasChecks(project) ? checkTasks(ports, options) : []),
  ];
  const parts = await inParallel(tasks, options);
  const found: Part = Object.assign({ base: baseChecks }, ...parts);
  const { hunks = [], base, head } = found;
  return {
    hunks,
    coverage: found.coverage ?? { notMeasured: "No changed line of the source was looked at." },
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
      return { ...otherwise(`Not tried: ${error.message}`), commands: [], refusals: [] };
    }
  };
}

async function revert(
  ports: MatrixPorts,
  options: CloserOptions,
  trials: readonly Trial[],
): Promise<Part> {
  const { patch, runs, tests } = options;
  const proofs = tests.failToPass.map(({ key }) => key);
  const told = [...new Set(proofs.map(({ file }) => file))].filter((file) => file !== "");
  const files = told.length > 0 ? told : testFilesOf(patch);
  const usual = runs.again.find((repeat) => files.every((file) => repeat.files.includes(file)));
  const {
    hunks,
    runs: tried,
    refusals,
  } = await revertHunks(ports, {
    ...options,
    changes: patch.changes,
    trials,
    proofs,
    ...(files.length > 0 && { only: files }),
    usualMs: (usual?.suite ?? runs.head).durationMs,
    budgetMs: Math.min(MOST_BUDGET_MS, Math.max(LEAST_BUDGET_MS, runs.head.durationMs)),
  });
  const commands = tried.map(({ tree, suite }, index) => recordOf(nth("R5", index), tree, suite));
  return { hunks, commands, refusals };
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
