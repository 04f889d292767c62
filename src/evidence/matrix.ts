import type { Project } from "../check/project.ts";
import type { SuiteRun } from "../check/suite.ts";
import { Failure, toFailure } from "../errors.ts";
import { type EgressRefusal, sumRefusals } from "../sandbox/egress.ts";
import type { Isolation, Sandbox } from "../sandbox/sandbox.ts";
import { roleOf, touchesDependencies } from "../workspace/file-role.ts";
import type { FileChange, Patch } from "../workspace/patch.ts";
import { changedFile } from "./changed-file.ts";
import { classify } from "./classify.ts";
import { changedDependencies } from "./dependencies.ts";
import type { Evidence, EvidenceFacts } from "./evidence.ts";
import { EVIDENCE_SCHEMA, recordsOf } from "./evidence.ts";
import type { ChangedFile } from "./gate.ts";
import { isCode } from "./gate.ts";
import { judgeGates } from "./gates.ts";
import { judge } from "./verdict.ts";

/** What the matrix works with. Nothing that the model touched stands in a fresh sandbox. */
export type MatrixPorts = {
  /** The base commit with its dependencies, no network, no secret; made anew at each call. */
  freshSandbox(signal: AbortSignal): Promise<Sandbox>;
  runSuite(
    sandbox: Sandbox,
    project: Project,
    options: {
      readonly files?: readonly string[];
      readonly timeoutMs: number;
      readonly signal: AbortSignal;
    },
  ): Promise<SuiteRun>;
  applyChanges(sandbox: Sandbox, changes: readonly FileChange[]): Promise<void>;
  /** Installs what the workspace asks for now; no network before or after. Throws when that fails. */
  installAgain(sandbox: Sandbox, signal: AbortSignal): Promise<void>;
};

export type MatrixOptions = {
  readonly project: Project;
  /** For each run of the suite. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** One short line before each run. */
  readonly onProgress?: (line: string) => void;
};

/** R0: the base's whole suite, twice. Plain JSON. */
export type Baseline = { readonly first: SuiteRun; readonly second: SuiteRun };

/**
 * Runs the base's suite twice, each time in its own sandbox. A failing suite is a result; a sandbox lost twice in a row
 * throws `unavailable/sandbox-lost`.
 */
export async function runBaseline(
  ports: Pick<MatrixPorts, "freshSandbox" | "runSuite">,
  options: MatrixOptions,
): Promise<Baseline> {
  const suite = (line: string) =>
    inFreshSandbox(ports, options, line, (sandbox) => run(ports, options, sandbox));
  const first = await suite("running the base's test suite");
  const second = await suite("running the base's test suite a second time");
  return { first, second };
}

/** Why nothing can be proven on this base, as a sentence for the person; undefined when something can. */
export function baselineProblem({ first, second }: Baseline): string | undefined {
  const broken = [first, second].find((suite) => suite.end !== "exit");
  if (broken !== undefined) {
    return `The test command did not run to its end on the base commit (${broken.end}). Make \`${broken.command}\` work there, without a network.`;
  }
  if (first.tests.length > 0 || first.exitCode === 0) return undefined;
  return `The test command exited with ${first.exitCode} on the base commit and no test was reported. Make \`${first.command}\` work there, without a network.`;
}

/**
 * Runs R1 (the base with the patch's tests, those files only; left out when there are none) and R2 (the head's whole
 * suite), judges what came of it and returns it as evidence.
 */
export async function prove(
  ports: MatrixPorts,
  options: MatrixOptions & {
    readonly baseline: Baseline;
    readonly patch: Patch;
    readonly facts: EvidenceFacts;
  },
): Promise<Evidence> {
  const { baseline, patch, facts } = options;
  const changedTests = patch.changes.filter((change) => roleOf(change.path) === "test");
  const files = changedTests.filter(isRunnable).map((change) => change.path);
  const onBase = files.length === 0 ? null : await proveOnBase(ports, options, changedTests, files);
  const head = await proveHead(ports, options, patch.changes);
  const runs = { ...baseline, onBase: onBase?.suite ?? null, head: head.suite };
  const tests = classify(runs, {
    paths: changedTests.map((change) => change.path),
    existing: head.files
      .filter((file) => file.role === "test" && file.base.kind !== "absent")
      .map((file) => file.path),
  });
  const gates = judgeGates(head.files);
  return {
    schema: EVIDENCE_SCHEMA,
    ...facts,
    refusals: [onBase?.refusals ?? [], head.refusals].reduce(sumRefusals, facts.refusals),
    isolation: head.isolation,
    commands: recordsOf(runs),
    dependencies: changedDependencies(head.files),
    tests,
    gates,
    ...judge({ runs, tests, gates }),
  };
}

function proveOnBase(
  ports: MatrixPorts,
  options: MatrixOptions,
  changedTests: readonly FileChange[],
  files: readonly string[],
): Promise<Pick<HeadRun, "suite" | "refusals">> {
  return inFreshSandbox(
    ports,
    options,
    "running the patch's tests on the base",
    async (sandbox) => {
      await ports.applyChanges(sandbox, changedTests);
      const suite = await run(ports, options, sandbox, files);
      return { suite, refusals: [...sandbox.refusals] };
    },
  );
}

type HeadRun = {
  readonly suite: SuiteRun;
  readonly files: readonly ChangedFile[];
  readonly refusals: readonly EgressRefusal[];
  readonly isolation: Isolation;
};

/** The base's side of each changed file is read before the patch goes in: nothing has run in the sandbox by then. */
function proveHead(
  ports: MatrixPorts,
  options: MatrixOptions,
  changes: readonly FileChange[],
): Promise<HeadRun> {
  return inFreshSandbox(ports, options, "running the whole suite on the head", async (sandbox) => {
    const files: ChangedFile[] = [];
    for (const change of changes) files.push(await changedFile(sandbox, change));
    await ports.applyChanges(sandbox, changes);
    if (touchesDependencies(changes)) {
      options.onProgress?.("installing what the change asks for");
      await ports.installAgain(sandbox, options.signal);
    }
    const suite = await run(ports, options, sandbox);
    return { suite, files, refusals: [...sandbox.refusals], isolation: sandbox.isolation };
  });
}

async function run(
  ports: Pick<MatrixPorts, "runSuite">,
  { project, timeoutMs, signal }: MatrixOptions,
  sandbox: Sandbox,
  files?: readonly string[],
): Promise<SuiteRun> {
  const suite = await ports.runSuite(sandbox, project, {
    timeoutMs,
    signal,
    ...(files && { files }),
  });
  stopIfAborted(signal);
  if (suite.end === "lost") throw lost();
  return suite;
}

function lost(cause?: unknown): Failure {
  const message =
    "The sandbox was lost while the tests ran, twice in a row. Check the container engine.";
  return new Failure("unavailable", "sandbox-lost", message, { cause });
}

/** One retry in another sandbox for lost infrastructure; the sandbox is destroyed whatever happens. */
async function inFreshSandbox<Result>(
  ports: Pick<MatrixPorts, "freshSandbox">,
  options: MatrixOptions,
  line: string,
  work: (sandbox: Sandbox) => Promise<Result>,
): Promise<Result> {
  const attempt = async () => {
    stopIfAborted(options.signal);
    const sandbox = await ports.freshSandbox(options.signal);
    try {
      await sandbox.setEgress({ mode: "none" });
      return await work(sandbox);
    } finally {
      await sandbox.destroy();
    }
  };
  options.onProgress?.(line);
  try {
    return await attempt();
  } catch (error) {
    stopIfAborted(options.signal);
    if (toFailure(error).kind !== "unavailable") throw error;
    options.onProgress?.(`${line} again, the sandbox was lost`);
    return await attempt();
  }
}

function stopIfAborted(signal: AbortSignal): void {
  if (!signal.aborted) return;
  throw new Failure("cancelled", "evidence-cancelled", "Verification was stopped.", {
    cause: signal.reason,
  });
}

function isRunnable(change: FileChange): boolean {
  return change.kind === "write" && change.mode !== "120000" && isCode(change.path);
}
