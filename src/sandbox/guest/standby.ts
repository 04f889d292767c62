import { type ChildProcess, spawn } from "node:child_process";
import { closeSync } from "node:fs";
import type net from "node:net";
import { getSystemErrorName } from "node:util";
import type { ExecRequest } from "../wire/message.ts";
import { type Child, type ChildEnd, JOB } from "./child.ts";
import { withSacrificedChildren } from "./memory.ts";
import type { Pipes } from "./pipes.ts";

/** Where a start is cheap, none waits; elsewhere not while commands follow each other. */
const IDLE_MS = 30;

/**
 * Says that it is there and waits for a command, which it then becomes. What it can't do, it answers with the number of
 * the error; perl closes the descriptor when it becomes the command.
 */
const WAIT_AND_BECOME = `
  open my $host, "+<&=", 3 or exit 1;
  syswrite $host, "\\1";
  sub take { my ($left, $all) = ($_[0], "");
    while ($left > 0) { my $n = sysread $host, $all, $left, length $all; exit 1 unless $n; $left -= $n } $all }
  sub fail { my $number = $! + 0; syswrite $host, "$_[0] $number"; exit 1 }
  my ($folder, $input, $count, @rest) = split /\\0/, take(unpack "N", take 4), -1;
  %ENV = map { split /=/, $_, 2 } splice @rest, 0, $count;
  chdir $folder or fail "folder";
  $input or open STDIN, "<", "/dev/null" or fail "program";
  no warnings; exec { $rest[0] } @rest; fail "program";`;

/** A child with both of its outputs. */
export type Started = {
  readonly child: Child;
  readonly stdout: net.Socket;
  readonly stderr: net.Socket;
};

/**
 * One process that was started before it is known for which command: where a process is slow to start (gVisor), only
 * what is left of it counts. It runs as the job, and only while no command does.
 */
export type Standby = {
  /** From now on one waits between commands. Resolves when the first does, or can't. */
  keep(): Promise<void>;
  /** The one that waits, as this command; undefined when there is none. */
  take(request: ExecRequest): Started | undefined;
  /** No command runs any more. */
  restart(): void;
};

type Waiting = {
  readonly process: ChildProcess;
  readonly control: net.Socket;
  readonly stdout: net.Socket;
  readonly stderr: net.Socket;
  isReady: boolean;
};

export function createStandby(pipes: Pipes): Standby {
  let isKept = false;
  let isRunning = false;
  let waiting: Waiting | undefined;
  let starting: Promise<void> | undefined;
  let soon: NodeJS.Timeout | undefined;

  async function start(): Promise<void> {
    const one = startOne(pipes);
    waiting = one;
    const isReady = new Promise<void>((resolve) => {
      one.control.once("data", () => {
        one.isReady = true;
        resolve();
      });
    });
    const isOver = new Promise<void>((resolve) => {
      const giveUp = (how: unknown) => {
        // Whoever was killed, like all others, by the end of a command is replaced; an image without perl has none.
        if (how !== null && !one.isReady) isKept = false;
        drop(one);
        resolve();
      };
      one.process.on("error", giveUp).on("exit", giveUp);
    });
    await Promise.race([isReady, isOver]);
  }

  /** Of no use any more, unless a command has it by now. */
  function drop(one: Waiting): void {
    if (waiting !== one) return;
    waiting = undefined;
    one.process.kill("SIGKILL");
    one.stdout.destroy();
    one.stderr.destroy();
  }

  const startIfIdle = () => {
    clearTimeout(soon);
    if (!isRunning && waiting === undefined) starting = start();
  };

  return {
    async keep() {
      isKept = true;
      startIfIdle();
      await starting;
    },
    take(request) {
      isRunning = true;
      clearTimeout(soon);
      const one = waiting;
      if (one === undefined) return undefined;
      if (!one.isReady) {
        drop(one);
        return undefined;
      }
      waiting = undefined;
      return { child: become(one, request), stdout: one.stdout, stderr: one.stderr };
    },
    restart() {
      isRunning = false;
      if (isKept) soon = setTimeout(startIfIdle, IDLE_MS);
    },
  };
}

function startOne(pipes: Pipes): Waiting {
  const stdout = pipes.output();
  const stderr = pipes.errors();
  const process = withSacrificedChildren(() =>
    spawn("/usr/bin/perl", ["-e", WAIT_AND_BECOME], {
      ...JOB,
      cwd: "/",
      env: {},
      stdio: ["pipe", stdout.theirs, stderr.theirs, "pipe"],
    }),
  );
  for (const pipe of [stdout, stderr]) closeSync(pipe.theirs);
  const control = process.stdio[3] as net.Socket;
  for (const stream of [process.stdin, control]) stream?.on("error", () => {}); // it ends with the process
  return { process, control, stdout: stdout.ours, stderr: stderr.ours, isReady: false };
}

function become({ process, control }: Waiting, request: ExecRequest): Child {
  let complaint = "";
  control.on("data", (data) => {
    complaint += data;
  });
  const closed = new Promise<void>((resolve) => control.once("close", () => resolve()));
  const ended = new Promise<ChildEnd>((resolve) => {
    process.once("exit", async (exitCode, signal) => {
      await closed;
      resolve(complaint === "" ? { started: true, exitCode, signal } : readComplaint(complaint));
    });
  });
  control.write(instruct(request));
  if (!request.stdin) process.stdin?.destroy();
  return { ended, stdin: request.stdin ? process.stdin : null };
}

/** Its length, then its fields, none of which holds a NUL. */
function instruct({ argv, cwd, env, stdin }: ExecRequest): Uint8Array {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const fields = [cwd, stdin ? "1" : "", `${variables.length}`, ...variables, ...argv];
  const payload = Buffer.from(fields.join("\0"));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(payload.length);
  return Buffer.concat([length, payload]);
}

function readComplaint(complaint: string): ChildEnd {
  const [about, number] = complaint.split(" ");
  const errorCode = getSystemErrorName(-Number(number));
  return { started: false, errorCode, about: about === "folder" ? "folder" : "program" };
}
