import type { FileLines, MeasuredCoverage } from "../../check/coverage/measure-coverage.ts";
import type { Project } from "../../check/project.ts";
import type { CommandRun } from "../../check/run-command.ts";
import type { SuiteRun, TestKey } from "../../check/suite.ts";
import { Failure, toFailure } from "../../errors.ts";
import type { EgressRefusal } from "../../sandbox/egress.ts";
import type { Isolation, Sandbox } from "../../sandbox/sandbox.ts";
import type { FileChange } from "../../workspace/patch.ts";
import { type Told, toldOf, type Variation } from "./variation.ts";

/** What the matrix works with. Nothing that the model touched stands in a fresh sandbox. */
export type MatrixPorts = {
  /** The base commit with its dependencies, no network, no secret; made anew at each call. */
  freshSandbox(signal: AbortSignal): Promise<Sandbox>;
  runSuite(
    sandbox: Sandbox,
    project: Project,
    options: {
      readonly files?: readonly string[];
      readonly alone?: string;
      readonly env?: Readonly<Record<string, string>>;
      readonly clockAheadMs?: number;
      readonly timeoutMs: number;
      readonly signal: AbortSignal;
    },
  ): Promise<SuiteRun>;
  /** Tests once more, and which of the wanted lines ran. */
  measureCoverage(
    sandbox: Sandbox,
    project: Project,
    options: {
      readonly files?: readonly string[];
      readonly wanted: readonly FileLines[];
      readonly timeoutMs: number;
      readonly signal: AbortSignal;
    },
  ): Promise<MeasuredCoverage>;
  /** A command of the project that isn't its tests. */
  runCommand(
    sandbox: Sandbox,
    project: Project,
    options: { readonly command: string; readonly timeoutMs: number; readonly signal: AbortSignal },
  ): Promise<CommandRun>;
  applyChanges(sandbox: Sandbox, changes: readonly FileChange[]): Promise<void>;
  /** Installs what the workspace asks for now; no network before or after. Throws when that fails. */
  installAgain(sandbox: Sandbox, signal: AbortSignal): Promise<void>;
};

export type MatrixOptions = {
  readonly project: Project;
  /** For each run of the suite. */
  readonly timeoutMs: number;
  /** Sandboxes that may run at the same time. */
  readonly atOnce: number;
  readonly signal: AbortSignal;
  /** One short line before each run. */
  readonly onProgress?: (line: string) => void;
};

/** One tree in a sandbox of its own, and what ran in it, one after the other. */
export type TreeRun = {
  readonly suites: readonly SuiteRun[];
  readonly refusals: readonly EgressRefusal[];
  readonly isolation: Isolation;
};

export type Tree = {
  /** What is done, for the person who watches. */
  readonly line: string;
  /** Only tests of these files; the whole suite when left out. */
  readonly files?: readonly string[];
  /** One run of the suite for each. */
  readonly under: readonly Variation[];
  /** After those, one run for each of these tests without the others of its file. */
  readonly alone?: readonly TestKey[];
  /** Makes the tree out of the base. */
  prepare?(sandbox: Sandbox, signal: AbortSignal): Promise<void>;
};

/** Runs the suite on a tree. A sandbox that is lost is replaced once. Throws `unavailable/sandbox-lost`, `cancelled`. */
export function runTree(
  ports: Pick<MatrixPorts, "freshSandbox" | "runSuite">,
  options: MatrixOptions,
  { line, files, under, alone = [], prepare }: Tree,
): (signal: AbortSignal) => Promise<TreeRun> {
  return (signal) =>
    inFreshSandbox(ports, { ...options, signal }, line, async (sandbox) => {
      await prepare?.(sandbox, signal);
      const suites: SuiteRun[] = [];
      const runs = [
        ...under.map((variation) => ({ ...toldOf(variation), ...(files && { files }) })),
        ...alone.map(({ file, name }) => ({ files: [file], alone: name })),
      ];
      for (const run of runs) {
        const suite = await suiteIn(ports, sandbox, { ...options, signal, ...run });
        suites.push(suite);
      }
      return { suites, refusals: [...sandbox.refusals], isolation: sandbox.isolation };
    });
}

/** One run of the suite. Throws `unavailable/sandbox-lost` and `cancelled`. */
export async function suiteIn(
  ports: Pick<MatrixPorts, "runSuite">,
  sandbox: Sandbox,
  options: Pick<MatrixOptions, "project" | "timeoutMs" | "signal"> & {
    readonly files?: readonly string[];
    readonly alone?: string;
  } & Told,
): Promise<SuiteRun> {
  const { project, timeoutMs, signal, files, alone, env, clockAheadMs } = options;
  const suite = await ports.runSuite(sandbox, project, {
    timeoutMs,
    signal,
    ...(files && { files }),
    ...(alone !== undefined && { alone }),
    ...(env && { env }),
    ...(clockAheadMs !== undefined && { clockAheadMs }),
  });
  stopIfAborted(signal);
  if (suite.end === "lost") throw lost();
  return suite;
}

export function lost(cause?: unknown): Failure {
  const message =
    "The sandbox was lost while the tests ran, twice in a row. Check the container engine.";
  return new Failure("unavailable", "sandbox-lost", message, { cause });
}

/** One retry in another sandbox for lost infrastructure; the sandbox is destroyed whatever happens. */
export async function inFreshSandbox<Result>(
  ports: Pick<MatrixPorts, "freshSandbox">,
  { signal, onProgress }: Pick<MatrixOptions, "signal" | "onProgress">,
  line: string,
  work: (sandbox: Sandbox) => Promise<Result>,
): Promise<Result> {
  const attempt = async () => {
    stopIfAborted(signal);
    const sandbox = await ports.freshSandbox(signal);
    try {
      await sandbox.setEgress({ mode: "none" });
      return await work(sandbox);
    } finally {
      await sandbox.destroy();
    }
  };
  onProgress?.(line);
  try {
    return await attempt();
  } catch (error) {
    stopIfAborted(signal);
    if (toFailure(error).kind !== "unavailable") throw error;
    onProgress?.(`${line} again, the sandbox was lost`);
    return await attempt();
  }
}

function stopIfAborted(signal: AbortSignal): void {
  if (!signal.aborted) return;
  throw new Failure("cancelled", "evidence-cancelled", "Verification was stopped.", {
    cause: signal.reason,
  });
}
