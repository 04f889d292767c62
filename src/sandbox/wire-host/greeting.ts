import { Failure } from "../../errors.ts";
import { throwIfCancelled } from "../furnish.ts";
import type { Connection } from "./connection.ts";

const TIMEOUT_MS = 30_000;

/**
 * Waits for the guest's first word. `complaint` is what its process says about itself when there is none. Throws
 * `unavailable/sandbox-not-started` and `cancelled/create-cancelled`.
 */
export async function untilGreeted(
  connection: Pick<Connection, "ready" | "closed">,
  complaint: () => string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const expiry = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
  const expired = new Promise<string>((resolve) => {
    const giveUp = () => resolve("It did not answer in time.");
    if (expiry.aborted) giveUp();
    else expiry.addEventListener("abort", giveUp);
  });
  const problem = await Promise.race([connection.ready, connection.closed, expired]);
  if (problem === undefined) return;
  throwIfCancelled(signal);
  throw new Failure(
    "unavailable",
    "sandbox-not-started",
    `The sandbox's guest did not start. ${problem} ${complaint()}`.trim(),
  );
}
