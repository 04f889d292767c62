import { Failure } from "../../errors.ts";
import type { ExecOptions, ExecResult } from "../../sandbox/sandbox.ts";
import type { Bench } from "./tool.ts";

/**
 * Runs a program for a tool. A lost sandbox and a stop are not the model's business: they throw
 * `unavailable/sandbox-lost` and `cancelled/stopped`, so that the caller can restore the sandbox or end the run.
 */
export async function runCommand(
  bench: Bench,
  argv: readonly string[],
  options: Omit<ExecOptions, "signal">,
): Promise<ExecResult> {
  const result = await bench.sandbox.exec(argv, { ...options, signal: bench.signal });
  if (bench.signal.aborted) {
    throw new Failure("cancelled", "stopped", "The run was stopped while a command was running.");
  }
  if (result.end === "lost" || bench.sandbox.lost.aborted) {
    throw new Failure(
      "unavailable",
      "sandbox-lost",
      "The sandbox ended while a command was running; the run goes on in a fresh one.",
    );
  }
  return result;
}
