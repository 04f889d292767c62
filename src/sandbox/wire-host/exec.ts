import { Failure } from "../../errors.ts";
import type { ExecOptions, ExecResult } from "../sandbox.ts";
import { MAX_PAYLOAD_BYTES } from "../wire/frame.ts";
import { type ExecReport, encodeMessage, type NotStarted } from "../wire/message.ts";
import type { Connection } from "./connection.ts";
import { RunningCommand } from "./running-command.ts";

/** A command with everything filled in; `env` is all of its environment. */
export type Command = Omit<ExecOptions, "cwd" | "env"> & {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
};

/** Whether memory was why the sandbox went; the engine may need a moment to say so. */
export type CauseOfLoss = () => Promise<"oom" | "lost">;

/** The longest time that a timer of Node's takes, less what is added to it. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1 - 60_000;

/** Runs one command over the wire; the caller sees to it that there is only one at a time. */
export async function execOverWire(
  connection: Connection,
  command: Command,
  causeOfLoss: CauseOfLoss,
): Promise<ExecResult> {
  const startedAt = performance.now();
  const request = encodeCommand(command);
  const running = new RunningCommand(connection, request, command);
  const report = await running.ended;
  const result = {
    ...running.output(),
    durationMs: performance.now() - startedAt,
    exitCode: null,
    signal: null,
  };
  if (report === "deadline") return { ...result, end: running.stoppedBy ?? "timeout" };
  if (report === "lost") return { ...result, end: await causeOfLoss() };
  if (report.end === "not-started") throw notStarted(report.reason, report.detail, command);
  return { ...result, ...describeEnd(report) };
}

/** What a memory kill leaves behind is no exit code or signal to judge a command by. */
function describeEnd(
  report: Exclude<ExecReport, { end: "not-started" }>,
): Pick<ExecResult, "end" | "exitCode" | "signal"> {
  const { end, exitCode, signal, outOfMemory } = report;
  if (outOfMemory && (end === "signal" || (end === "exit" && exitCode !== 0))) {
    return { end: "oom", exitCode: null, signal: null };
  }
  return {
    end,
    exitCode: end === "exit" ? exitCode : null,
    signal: end === "signal" ? signal : null,
  };
}

function encodeCommand({ argv, cwd, env, stdin, timeoutMs }: Command): Uint8Array {
  const strings = [...argv, cwd, ...Object.keys(env), ...Object.values(env)];
  if (argv.length === 0 || argv[0] === "") throw invalid("no-program", "Name a program to run.");
  if (strings.some((text) => text.includes("\0"))) {
    throw invalid("nul-byte", "A command, its folder and its environment can't hold a NUL byte.");
  }
  if (Object.keys(env).some((name) => name === "" || name.includes("="))) {
    throw invalid("bad-variable", "The name of an environment variable is empty or has a '='.");
  }
  if (!cwd.startsWith("/")) throw invalid("relative-path", `Give ${cwd} as an absolute path.`);
  if (!(timeoutMs > 0)) throw invalid("bad-timeout", "Give a command more than 0 ms.");
  const request = encodeMessage({
    argv,
    cwd,
    env,
    stdin: stdin !== undefined,
    timeoutMs: Math.min(timeoutMs, MAX_TIMEOUT_MS),
  });
  if (request.length > MAX_PAYLOAD_BYTES) throw argumentTooLong();
  return request;
}

function notStarted(reason: NotStarted, detail: string, command: Command): Failure {
  switch (reason) {
    case "no-such-folder":
      return invalid(
        "no-such-folder",
        `${command.cwd} is no folder here (${detail}); make it first.`,
      );
    case "argument-too-long":
      return argumentTooLong();
    case "no-process":
      return new Failure(
        "limit-reached",
        "no-process",
        `The sandbox could not start another process (${detail}); give it more memory or processes.`,
      );
    case "busy":
      return new Failure("bug", "sandbox-busy", "Two commands were started at the same time.");
  }
}

function argumentTooLong(): Failure {
  return invalid(
    "argument-too-long",
    "The command and its environment are too long; write the long part to a file and pass its path.",
  );
}

function invalid(code: string, message: string): Failure {
  return new Failure("invalid-request", code, message);
}
