import type { Steps } from "../engine/engine.ts";
import { Failure, type FailureKind, toFailure } from "../errors.ts";
import type { Journal } from "./journal.ts";

/** How a step ended, as the journal keeps it. */
type Entry = {
  readonly at: number;
  readonly ms: number;
  readonly ok?: unknown;
  readonly failed?: {
    readonly kind: FailureKind;
    readonly code: string;
    readonly message: string;
    readonly details: Failure["details"];
  };
};

export type StepOptions = {
  /** Aborts the step's body; a step that starts after the abort fails at once. */
  readonly signal?: AbortSignal;
  readonly phase: string;
};

/** `replayed`: the step had ended before this process took the run up. */
export type StepEvent = {
  readonly step: string;
  readonly phase: string;
  readonly state: "started" | "ended" | "replayed";
  /** 0 for `started`. */
  readonly ms: number;
  readonly failed?: true;
};

/**
 * Runs `body` once: its result, or the Failure it ended with, is on disk before the next step begins, and a run that
 * resumes gets it back instead of running the body again. Results are plain JSON.
 */
export type DurableStep = <T>(
  name: string,
  options: StepOptions,
  body: (signal: AbortSignal) => Promise<T>,
) => Promise<T>;

/**
 * The engine remembers which steps are finished; the journal holds what came of them. `onFault` hears of failures that
 * nobody foresaw.
 */
export function durableSteps(
  steps: Steps,
  journal: Journal,
  now: () => number,
  onEvent: (event: StepEvent) => void,
  onFault: (step: string, fault: Failure) => void = () => {},
): DurableStep {
  return async <T>(
    name: string,
    options: StepOptions,
    body: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> => {
    const { phase } = options;
    let state: StepEvent["state"] = "replayed";
    const ref = await steps.step(name, async (shutdown) => {
      // Recorded here already when a crash came before the engine's own record.
      const known = await journal.find(name);
      if (known !== undefined) return known;
      state = "ended";
      onEvent({ step: name, phase, state: "started", ms: 0 });
      const entry = await attempt(body, shutdown, options.signal, now, (fault) =>
        onFault(name, fault),
      );
      return journal.append(name, entry);
    });
    const entry = (await journal.read(ref)) as Entry;
    const { failed } = entry;
    onEvent({ step: name, phase, state, ms: entry.ms, ...(failed ? { failed: true } : {}) });
    if (failed === undefined) return entry.ok as T;
    const { kind, code, message, details } = failed;
    throw new Failure(kind, code, message, { details });
  };
}

async function attempt<T>(
  body: (signal: AbortSignal) => Promise<T>,
  shutdown: AbortSignal,
  stop: AbortSignal | undefined,
  now: () => number,
  onFault: (fault: Failure) => void,
): Promise<Entry> {
  const at = now();
  const signal = stop === undefined ? shutdown : AbortSignal.any([shutdown, stop]);
  try {
    signal.throwIfAborted();
    const ok = await body(signal);
    return { at, ms: now() - at, ok: ok ?? null };
  } catch (error) {
    // The process stops: the step is not over, the next start runs it again.
    if (shutdown.aborted) throw error;
    const failure = toFailure(stop?.aborted === true ? stop.reason : error);
    const { kind, code, message, details } = failure;
    // The journal keeps no stack, and who mends the fault needs it.
    if (kind === "bug") onFault(failure);
    return { at, ms: now() - at, failed: { kind, code, message, details } };
  }
}
