import { once } from "node:events";
import { constants } from "node:os";
import { Failure, toFailure } from "../errors.ts";
import { INTERRUPTED, untilInterrupted } from "../local/interrupt.ts";
import type { ExecResult, OutputChunk, Sandbox } from "../sandbox-sdk.ts";
import { WRONG_USAGE } from "./arguments.ts";

/** As `timeout` has it. */
const TIMED_OUT = 124;
/** As container engines have it: nothing the command did. */
const NO_SANDBOX = 125;
const SIGNAL_BASE = 128;
/** Of output that was streamed already, next to nothing is kept. */
const KEPT_OUTPUT_BYTES = 1024;

export type Streamed = {
  readonly argv: readonly string[];
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
};

/** Runs a command with this program's own streams. Resolves with the exit code that says how it ended. */
export async function streamCommand(
  sandbox: Sandbox,
  { argv, timeoutMs, signal }: Streamed,
): Promise<number> {
  const reader = new AbortController();
  const leave = () => reader.abort();
  for (const stream of [process.stdout, process.stderr]) stream.on("error", leave);
  try {
    const result = await sandbox.exec(argv, {
      timeoutMs,
      stdin: process.stdin,
      signal: AbortSignal.any([signal, reader.signal]),
      maxOutputBytes: KEPT_OUTPUT_BYTES,
      killAfterOutputBytes: Number.POSITIVE_INFINITY,
      onOutput: (chunk) => show(chunk, reader.signal),
    });
    if (reader.signal.aborted) return SIGNAL_BASE + constants.signals.SIGPIPE;
    return exitCodeOf(result, timeoutMs);
  } finally {
    process.stdin.destroy(); // a terminal that nobody types in would keep the program alive
  }
}

/** Waits while the reader is slow; one that has gone is no error here, but the command's end. */
async function show({ fd, data }: OutputChunk, gone: AbortSignal): Promise<void> {
  const stream = fd === 1 ? process.stdout : process.stderr;
  if (gone.aborted || stream.write(data)) return;
  await once(stream, "drain", { signal: gone }).catch(() => {});
}

/** Ends the program, whose wire to a sandbox that lives on would hold it, once all is written. */
export async function leave(exitCode: number): Promise<never> {
  for (const stream of [process.stdout, process.stderr]) {
    await new Promise((resolve) => stream.write("", resolve));
  }
  process.exit(exitCode);
}

/** Tells on standard error what an exit code alone can't. */
export function exitCodeOf(result: ExecResult, timeoutMs: number): number {
  switch (result.end) {
    case "exit":
      return result.exitCode ?? 1;
    case "signal":
      return SIGNAL_BASE + signalNumber(result.signal);
    case "timeout":
      say(`The command was ended after ${timeoutMs / 1000} s.`);
      return TIMED_OUT;
    case "killed":
      return INTERRUPTED;
    case "oom":
      say("The command was ended because the sandbox's memory was used up.");
      return SIGNAL_BASE + constants.signals.SIGKILL;
    case "lost":
      say("The sandbox was lost, and the command with it.");
      return NO_SANDBOX;
  }
}

function signalNumber(name: string | null): number {
  return Object.entries(constants.signals).find(([known]) => known === name)?.[1] ?? 0;
}

/** Gives `work` a signal for Ctrl-C; wrong usage ends with 2, any other failure with 125, apart from all that a command may say. */
export async function withInterrupt(
  work: (signal: AbortSignal) => Promise<number>,
): Promise<number> {
  const interrupted = new AbortController();
  void untilInterrupted(() => interrupted.abort());
  try {
    return await work(interrupted.signal);
  } catch (error) {
    const failure = toFailure(error);
    if (interrupted.signal.aborted && failure.kind === "cancelled") return INTERRUPTED;
    if (!(error instanceof Failure) || WRONG_USAGE.has(failure.code)) throw error;
    say(failure.message);
    return NO_SANDBOX;
  }
}

function say(text: string): void {
  process.stderr.write(`dunlin: ${text}\n`);
}
