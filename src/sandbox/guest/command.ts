import { closeSync } from "node:fs";
import { FRAME } from "../wire/frame.ts";
import type { ExecReport, ExecRequest } from "../wire/message.ts";
import { decodeCredit } from "../wire/window.ts";
import { type ChildEnd, endAll, startChild, sweep } from "./child.ts";
import { createInlet } from "./inlet.ts";
import type { Channel, FrameHandler } from "./link.ts";
import { countMemoryKills } from "./memory.ts";
import { createOutlet } from "./outlet.ts";
import type { Pipes } from "./pipes.ts";
import { report } from "./report.ts";
import type { Standby, Started } from "./standby.ts";

export type Runner = {
  run(request: ExecRequest, channel: Channel): FrameHandler;
  /** Resolves when no command is running. */
  idle(): Promise<void>;
};

/**
 * Runs one command at a time; the host queues the others, so one that comes meanwhile is refused. `leave` ends the guest:
 * nobody else's command may run beside what a command has left behind.
 */
export function createRunner(
  pipes: Pipes,
  standby: Standby,
  leave: (reason: string) => void,
): Runner {
  let running: Promise<void> | undefined;
  return {
    run(request, channel) {
      if (running !== undefined) {
        const detail = "Another command is running.";
        report(channel, { end: "not-started", reason: "busy", detail });
        return () => {};
      }
      const over = Promise.withResolvers<void>();
      running = over.promise;
      const start = () => standby.take(request) ?? startNow(request, pipes);
      return attend(request, channel, start, (isClean) => {
        if (!isClean) return leave("A command's processes can't be ended.");
        running = undefined;
        over.resolve();
        standby.restart();
      });
    },
    idle: async () => running,
  };
}

function startNow(request: ExecRequest, pipes: Pipes): Started {
  const stdout = pipes.output();
  const stderr = pipes.errors();
  const child = startChild(request, stdout.theirs, stderr.theirs);
  for (const pipe of [stdout, stderr]) closeSync(pipe.theirs);
  return { child, stdout: stdout.ours, stderr: stderr.ours };
}

/** From its start to the report of its end. */
function attend(
  request: ExecRequest,
  channel: Channel,
  start: () => Started,
  onEnd: (isClean: boolean) => void,
): FrameHandler {
  const memoryKills = countMemoryKills();
  let stopped: "timeout" | "killed" | undefined;
  const stop = (why: "timeout" | "killed") => {
    stopped ??= why;
    sweep();
  };
  // Before the start, which takes its part of the time.
  const timer = setTimeout(stop, request.timeoutMs, "timeout");
  const { child, stdout, stderr } = start();
  const outlet = createOutlet(channel, stdout, stderr);
  const inlet = child.stdin === null ? () => {} : createInlet(channel, child.stdin);

  const finish = async () => {
    const end = await child.ended;
    clearTimeout(timer);
    const isClean = await endAll(); // first: whoever holds the output open would keep us waiting for its end
    child.stdin?.destroy();
    const missing = shellStatus(end);
    if (missing !== undefined) outlet.write(2, missingProgram(request, missing));
    if (isClean) await outlet.drained;
    const outOfMemory = countMemoryKills() > memoryKills;
    onEnd(isClean);
    report(channel, describe(end, missing, stopped, outOfMemory));
  };
  void finish();

  return (frame) => {
    if (frame.type === FRAME.data || frame.type === FRAME.end) inlet(frame);
    else if (frame.type === FRAME.window) outlet.grant(decodeCredit(frame.payload));
    else if (frame.type === FRAME.kill) {
      if (channel.isOver()) outlet.discard();
      stop("killed");
    }
  };
}

/** What a shell answers for a program that is missing (127) or can't be run (126). */
function shellStatus(end: ChildEnd): 126 | 127 | undefined {
  if (end.started || end.about === "folder") return undefined;
  if (end.errorCode === "ENOENT" || end.errorCode === "ENOTDIR") return 127;
  return end.errorCode === "EACCES" ? 126 : undefined;
}

function missingProgram(request: ExecRequest, status: 126 | 127): Uint8Array {
  const why = status === 127 ? "command not found" : "permission denied";
  return new TextEncoder().encode(`${request.argv[0]}: ${why}\n`);
}

function describe(
  end: ChildEnd,
  missing: 126 | 127 | undefined,
  stopped: "timeout" | "killed" | undefined,
  outOfMemory: boolean,
): ExecReport {
  if (end.started) {
    const { exitCode, signal } = end;
    return {
      end: stopped ?? (signal === null ? "exit" : "signal"),
      exitCode,
      signal,
      outOfMemory,
    };
  }
  if (missing !== undefined) return { end: "exit", exitCode: missing, signal: null, outOfMemory };
  if (end.about === "folder") {
    return { end: "not-started", reason: "no-such-folder", detail: end.errorCode };
  }
  // gVisor says the second of an argument that is too long.
  const isTooLong = end.errorCode === "E2BIG" || end.errorCode === "ENAMETOOLONG";
  const reason = isTooLong ? "argument-too-long" : "no-process";
  return { end: "not-started", reason, detail: end.errorCode };
}
