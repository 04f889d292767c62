import { toFailure } from "../../errors.ts";
import type { Log } from "../../log.ts";

/** One way of clearing away what nobody needs; returns how many things went. */
export type Sweep = { readonly name: string; readonly run: () => Promise<number> };

export type Reaping = AsyncDisposable & {
  /** Settles when each sweep has had its first turn; never rejects. */
  readonly first: Promise<void>;
};

const EVERY_MS = 60_000;

/**
 * Runs the sweeps one after the other, at once and then every minute, until it is disposed of. One that fails is logged
 * and has its next turn a minute later; it keeps neither the others nor the process. Where an engine is away, nothing
 * else is.
 */
export function startReaping(sweeps: readonly Sweep[], log: Log, everyMs = EVERY_MS): Reaping {
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;

  async function round(): Promise<void> {
    for (const sweep of sweeps) {
      if (isOver) return;
      await sweepOnce(sweep, log);
    }
    if (isOver) return;
    timer = setTimeout(() => {
      running = round();
    }, everyMs);
    timer.unref();
  }

  let running = round();
  return {
    first: running,
    async [Symbol.asyncDispose]() {
      isOver = true;
      clearTimeout(timer);
      await running;
    },
  };
}

async function sweepOnce({ name, run }: Sweep, log: Log): Promise<void> {
  try {
    const count = await run();
    if (count > 0) log.info({ sweep: name, count }, "left-overs removed");
  } catch (error) {
    log.warn({ sweep: name, error: toFailure(error).message }, "left-overs may be there still");
  }
}
