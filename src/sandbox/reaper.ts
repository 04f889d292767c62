import type { SandboxInfo, SandboxProvider } from "./sandbox.ts";

/** A sandbox with it was made to live on without its process. */
export const OUTLIVES_LABEL = "dunlin.outlives";

/** A moment in which whoever made a sandbox may see to its end himself. */
const GRACE_MS = 60_000;

/** Who of those that make sandboxes is alive; named by the sandboxes' labels. */
export type Living = {
  /** Label `owner`: all sandboxes that this Dunlin, or a dead one in whose place it stands, has made. */
  readonly owner: string;
  /** Label `process`. */
  readonly processes: ReadonlySet<string>;
  /** Label `run`. */
  readonly runs: ReadonlySet<string>;
};

export type ReapReason = "time-over" | "process-gone" | "run-over" | "ended";

/**
 * Why a sandbox is of no use to anybody any more; undefined when it may be. Of what another Dunlin made, only what has
 * ended and is past its time goes: its own time may have been extended.
 */
export function reapable(
  sandbox: SandboxInfo,
  nowMs: number,
  living: Living,
): ReapReason | undefined {
  const { labels, state, expiresAtMs } = sandbox;
  const isOurs = labels["owner"] === living.owner;
  const isOver = nowMs > expiresAtMs + GRACE_MS;
  if (isOver && (isOurs || state === "ended")) return "time-over";
  if (!isOurs || living.processes.has(labels["process"] ?? "")) return undefined;
  if (labels[OUTLIVES_LABEL] === undefined) return "process-gone";
  if (state === "ended") return "ended";
  const { run } = labels;
  return run === undefined || living.runs.has(run) ? undefined : "run-over";
}

export type Reaped = { readonly id: string; readonly reason: ReapReason };

/**
 * Destroys what is of no use any more. One that can't be destroyed doesn't keep the others; it is thrown at the end,
 * and the next time tries again. Throws `unavailable` when the provider can't say what there is.
 */
export async function reap(
  provider: Pick<SandboxProvider, "list" | "destroy">,
  nowMs: number,
  living: Living,
): Promise<readonly Reaped[]> {
  const reaped: Reaped[] = [];
  const problems: unknown[] = [];
  for (const sandbox of await provider.list({})) {
    const reason = reapable(sandbox, nowMs, living);
    if (reason === undefined) continue;
    try {
      await provider.destroy(sandbox.id);
      reaped.push({ id: sandbox.id, reason });
    } catch (error) {
      problems.push(error);
    }
  }
  if (problems.length > 0) throw problems[0];
  return reaped;
}
