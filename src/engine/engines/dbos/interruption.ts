import { DBOS } from "@dbos-inc/dbos-sdk";
import { Failure } from "../../../errors.ts";
import type { Log } from "../../../log.ts";
import { STOPPING, type Steps, type WorkflowBody } from "../../engine.ts";

/** What this process works on. */
export type Work = {
  /** Aborted when the process is to stop. */
  readonly stopping: AbortSignal;
  /** Workflow bodies under way. */
  readonly running: Set<Promise<void>>;
  readonly log: Log;
};

/**
 * Runs a workflow's body. When the process stops, the step under way throws to the body, so that everything the body
 * holds is let go; but for DBOS, step and workflow simply never end: had it an end on record, nobody would resume it.
 */
export async function runBody<Input>(
  { stopping, running, log }: Work,
  body: WorkflowBody<Input>,
  input: Input,
): Promise<void> {
  const interruption = new AbortController();
  const steps: Steps = {
    id: DBOS.workflowID ?? "",
    step: (name, stepBody) => runStep(name, stepBody, stopping, interruption),
  };
  const whole = body(steps, input);
  running.add(whole);
  try {
    await whole;
  } catch (error) {
    if (!interruption.signal.aborted) {
      log.error({ workflow: steps.id, error: String(error) }, "workflow failed for good");
      throw error;
    }
  } finally {
    running.delete(whole);
  }
  if (interruption.signal.aborted) await NEVER;
}

const NEVER = new Promise<never>(() => {});

async function runStep<T>(
  name: string,
  body: (signal: AbortSignal) => Promise<T>,
  stopping: AbortSignal,
  interruption: AbortController,
): Promise<T> {
  // Nothing may be recorded after a step that has no end.
  interruption.signal.throwIfAborted();
  const interrupted = Promise.withResolvers<never>();
  const recorded = DBOS.runStep(
    async () => {
      try {
        return await body(stopping);
      } catch (error) {
        if (!stopping.aborted) throw error;
        const message = "Dunlin stops; this goes on at its next start.";
        interruption.abort(new Failure("cancelled", STOPPING, message, { cause: error }));
        interrupted.reject(interruption.signal.reason);
        return await NEVER;
      }
    },
    { name },
  );
  return await Promise.race([recorded, interrupted.promise]);
}
