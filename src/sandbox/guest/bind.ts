import { type ChildProcess, spawn } from "node:child_process";
import { FRAME } from "../wire/frame.ts";
import { type BindRequest, type ExecReport, encodeMessage } from "../wire/message.ts";
import type { Channel, FrameHandler } from "./link.ts";

const PATH = "/usr/sbin:/usr/bin:/sbin:/bin";
/** The number of `mount(2)`, for which Node has no call. */
const MOUNT: Readonly<Record<string, number>> = { x64: 165, arm64: 40 };
/** Waits for two paths, then mounts with `MS_BIND`. */
const WAIT_AND_BIND = `
  my ($number, $kind) = ($ARGV[0] + 0, "none");
  my ($from, $at) = split /\\0/, <STDIN> // exit 1;
  exit(syscall($number, $from, $at, $kind, 4096, 0) == 0 ? 0 : 1);`;

export type Binder = {
  /** Starts the program for the next bind: on gVisor that takes ten times as long as the bind. A command ends it. */
  prepare(channel: Channel): FrameHandler;
  /** Shows one folder at another place, too. */
  bind(request: BindRequest, channel: Channel): FrameHandler;
};

export function createBinder(): Binder {
  let waiting: ChildProcess | undefined;
  return {
    prepare(channel) {
      channel.close();
      const number = MOUNT[process.arch];
      if (number === undefined) return ignore;
      const child = start("perl", ["-e", WAIT_AND_BIND, `${number}`], "pipe");
      waiting = child;
      const forget = () => {
        if (waiting === child) waiting = undefined;
      };
      child.on("error", forget); // an image without it: the bind takes its own program
      child.on("exit", forget);
      child.stdin?.on("error", forget);
      return ignore;
    },
    bind({ bind, at }, channel) {
      const ready = waiting;
      waiting = undefined;
      ready?.stdin?.end(`${bind}\0${at}`);
      answer(ready ?? start("mount", ["--no-mtab", "--bind", bind, at], "ignore"), channel);
      return ignore;
    },
  };
}

const ignore = () => {};

function start(program: string, args: readonly string[], stdin: "pipe" | "ignore"): ChildProcess {
  return spawn(program, args, { env: { PATH }, stdio: [stdin, "ignore", "ignore"] });
}

function answer(child: ChildProcess, channel: Channel): void {
  const report = (result: ExecReport) => {
    channel.close();
    channel.send(FRAME.result, encodeMessage(result));
  };
  child.on("error", ({ message }) =>
    report({ end: "not-started", reason: "no-process", detail: message.slice(0, 200) }),
  );
  child.on("exit", (exitCode, signal) =>
    report({ end: signal === null ? "exit" : "signal", exitCode, signal, outOfMemory: false }),
  );
}
