import type { Project } from "../check/project.ts";
import type { CommandRun } from "../check/run-command.ts";
import type { EgressRefusal } from "../sandbox/egress.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import type { FileChange } from "../workspace/patch.ts";
import {
  inFreshSandbox,
  lost,
  type MatrixOptions,
  type MatrixPorts,
} from "./runs/fresh-sandbox.ts";
import { headOf } from "./runs/targeted.ts";

/** How a command ended on one side. */
export type Outcome = Pick<CommandRun, "end" | "exitCode" | "durationMs">;

/** A command of the project beside its tests, on the base and on the head. */
export type CheckDelta = {
  readonly command: string;
  readonly base: Outcome;
  readonly head: Outcome;
  /** What the head's output complains about and the base's doesn't; untrusted text, a line each, at most 50. */
  readonly news: readonly string[];
};

/** R6; null where the project has no such command, or it wasn't run. */
export type Checks = Readonly<Record<CheckName, CheckDelta | null>>;

/** A build comes first: types and lint rules may read what it makes. */
export const checkNames = ["build", "types", "lint"] as const;
export type CheckName = (typeof checkNames)[number];

/** R6 on one side. Plain JSON: the base's half is the same for every patch of the same base, image and lock file. */
export type SideChecks = Readonly<Record<CheckName, CommandRun | null>>;
export type SideRun = { readonly checks: SideChecks; readonly refusals: readonly EgressRefusal[] };

export const NO_CHECKS: Checks = { build: null, types: null, lint: null };
const MOST_NEWS = 50;
const TIMEOUT_MS = 5 * 60_000;

export function hasChecks(project: Project): boolean {
  return checkNames.some((name) => project[name] !== undefined);
}

/** The base's half of R6, in a sandbox of its own. */
export function runBaseChecks(ports: MatrixPorts, options: MatrixOptions): Promise<SideRun> {
  return runSide(ports, options, [], "running the base's build, types and lint");
}

/** The head's half. */
export function runHeadChecks(
  ports: MatrixPorts,
  options: MatrixOptions & { readonly changes: readonly FileChange[] },
): Promise<SideRun> {
  return runSide(ports, options, options.changes, "running the head's build, types and lint");
}

async function runSide(
  ports: MatrixPorts,
  options: MatrixOptions,
  changes: readonly FileChange[],
  line: string,
): Promise<SideRun> {
  return inFreshSandbox(ports, options, line, async (sandbox) => {
    if (changes.length > 0) await headOf(ports, changes)(sandbox, options.signal);
    const checks = await runAll(ports, options, sandbox);
    return { checks, refusals: [...sandbox.refusals] };
  });
}

async function runAll(
  ports: MatrixPorts,
  { project, signal, ...options }: MatrixOptions,
  sandbox: Sandbox,
): Promise<SideChecks> {
  const checks: Record<CheckName, CommandRun | null> = { build: null, types: null, lint: null };
  const timeoutMs = Math.min(TIMEOUT_MS, options.timeoutMs);
  for (const name of checkNames) {
    const command = project[name];
    if (command === undefined) continue;
    const run = await ports.runCommand(sandbox, project, { command, timeoutMs, signal });
    if (run.end === "lost") throw lost();
    checks[name] = run;
    if (run.end === "oom") break; // the sandbox went with it
  }
  return checks;
}

/** What the patch changes in how these commands end. */
export function compareChecks(base: SideChecks, head: SideChecks): Checks {
  const delta = (name: CheckName): CheckDelta | null => {
    const [before, after] = [base[name], head[name]];
    if (before === null || after === null) return null;
    return {
      command: after.command,
      base: outcomeOf(before),
      head: outcomeOf(after),
      news: newsOf(before.diagnostics, after.diagnostics),
    };
  };
  return { build: delta("build"), types: delta("types"), lint: delta("lint") };
}

export function succeeded({ end, exitCode }: Outcome): boolean {
  return end === "exit" && exitCode === 0;
}

/** Whether the base could be built and the head can't. */
export function breaksBuild({ build }: Checks): boolean {
  return build !== null && succeeded(build.base) && !succeeded(build.head);
}

function outcomeOf({ end, exitCode, durationMs }: CommandRun): Outcome {
  return { end, exitCode, durationMs };
}

/** One that stands there more often than before is news as well. */
function newsOf(before: readonly string[], after: readonly string[]): readonly string[] {
  const known = new Map<string, number>();
  for (const one of before) known.set(one, (known.get(one) ?? 0) + 1);
  const news = after.filter((one) => {
    const left = known.get(one) ?? 0;
    known.set(one, left - 1);
    return left <= 0;
  });
  return news.slice(0, MOST_NEWS);
}
