import { toFailure } from "../errors.ts";
import type { DurableStep } from "./durable.ts";

/** Waits between attempts while the code host is away: about 90 minutes in all. */
const RETRY_AFTER_MS = [5, 30, 120, 600, 1800, 2700].map((seconds) => seconds * 1000);

/** Only the code host is waited for; a dead container engine is something that a person has to mend. */
const HOST_AWAY = /^(github|git)-/;

/** Steps that try again while the code host can't be reached. Attempts and waits are durable, so a restart goes on. */
export function patientSteps(
  step: DurableStep,
  pause: (durationMs: number, signal: AbortSignal) => Promise<void>,
): DurableStep {
  return async (name, options, body) => {
    for (const [index, waitMs] of RETRY_AFTER_MS.entries()) {
      try {
        return await step(index === 0 ? name : `${name}-${index + 1}`, options, body);
      } catch (error) {
        if (!isHostAway(error)) throw error;
      }
      await step(`${name}-wait-${index + 1}`, options, (signal) => pause(waitMs, signal));
    }
    return step(`${name}-last`, options, body);
  };
}

function isHostAway(error: unknown): boolean {
  const { kind, code } = toFailure(error);
  return kind === "unavailable" && HOST_AWAY.test(code);
}
