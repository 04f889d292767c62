import { type ChildProcess, spawn } from "node:child_process";
import type { BindRequest } from "../wire/message.ts";
import type { Channel } from "./link.ts";
import { DONE, report } from "./report.ts";

const PATH = "/usr/sbin:/usr/bin:/sbin:/bin";
/** The number of `mount(2)`, for which Node has no call. */
const MOUNT: Readonly<Record<string, number>> = { x64: 165, arm64: 40 };
/** Says that it is there and waits for two paths, then mounts with `MS_BIND`. */
const WAIT_AND_BIND = `
  $| = 1; print "ready";
  my ($number, $kind) = ($ARGV[0] + 0, "none");
  my ($from, $at) = split /\\0/, <STDIN> // exit 1;
  exit(syscall($number, $from, $at, $kind, 4096, 0) == 0 ? 0 : 1);`;

export type Binder = {
  /** Has the program for the next bind wait: on gVisor its start takes ten times as long as the bind. A command ends it. */
  prepare(): Promise<void>;
  /** Shows one folder at another place, too. */
  bind(request: BindRequest, channel: Channel): void;
};

export function createBinder(): Binder {
  let waiting: ChildProcess | undefined;
  return {
    async prepare() {
      // An architecture that isn't named leads to an error of the kernel's, as an image without perl does to one of Node's:
      // then the bind starts its own program.
      const child = start("perl", ["-e", WAIT_AND_BIND, `${MOUNT[process.arch] ?? -1}`], "pipe");
      waiting = child;
      const isOver = new Promise<void>((resolve) => {
        child.on("error", () => resolve());
        child.on("exit", () => resolve());
        child.stdin?.on("error", () => resolve());
      });
      const isReady = new Promise<void>((resolve) => child.stdout?.once("data", () => resolve()));
      void isOver.then(() => {
        if (waiting === child) waiting = undefined;
      });
      await Promise.race([isReady, isOver]);
    },
    bind({ bind, at }, channel) {
      const ready = waiting;
      waiting = undefined;
      ready?.stdin?.end(`${bind}\0${at}`);
      answer(ready ?? start("mount", ["--no-mtab", "--bind", bind, at], "ignore"), channel);
    },
  };
}

function start(program: string, args: readonly string[], stdin: "pipe" | "ignore"): ChildProcess {
  return spawn(program, args, { env: { PATH }, stdio: [stdin, stdin, "ignore"] });
}

function answer(child: ChildProcess, channel: Channel): void {
  child.on("error", ({ message }) =>
    report(channel, { end: "not-started", reason: "no-process", detail: message.slice(0, 200) }),
  );
  child.on("exit", (exitCode, signal) =>
    report(channel, { ...DONE, end: signal === null ? "exit" : "signal", exitCode, signal }),
  );
}
