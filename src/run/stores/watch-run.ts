import { Failure } from "../../errors.ts";
import type { Log } from "../../log.ts";
import type { RunStore } from "../store.ts";

const POLL_MS = 300;

/**
 * Aborts its signal with `cancelled/by-person` once a person asked for the run to stop, on whichever process they were
 * heard, and with `limit-reached/time` at the deadline, which may move.
 */
export function watchRun(
  store: RunStore,
  runId: string,
  deadlineMs: () => number,
  log: Log,
): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const look = async () => {
    const by = await store.stopRequestedBy(runId);
    if (by !== undefined) {
      controller.abort(new Failure("cancelled", "by-person", `${by} asked to stop.`));
    } else if (Date.now() >= deadlineMs()) {
      controller.abort(
        new Failure("limit-reached", "time", "The time that a run may take is used up."),
      );
    }
  };
  const again = () => {
    timer = setTimeout(async () => {
      // A database that is away for a moment must not end the watch.
      await look().catch((error: unknown) => log.warn({ error: String(error) }, "watch failed"));
      if (!controller.signal.aborted && timer !== undefined) again();
    }, POLL_MS);
    timer.unref();
  };
  again();
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
