import { type ChildProcess, spawn } from "node:child_process";
import { closeSync } from "node:fs";
import type net from "node:net";
import { getSystemErrorName } from "node:util";
import type { ExecRequest } from "../wire/message.ts";
import { type Child, type ChildEnd, JOB } from "./child.ts";
import { withSacrificedChildren } from "./memory.ts";
import type { PipeEnd, Pipes } from "./pipes.ts";

/** None is started while commands follow each other: it would only take time from them. */
const IDLE_MS = 20;

const THERE = "!";

/**
 * Says that it is there and waits for a command, which it then becomes. What it can't do, it answers with the number of
 * the error; perl closes the descriptor when it becomes the command.
 */
const WAIT_AND_BECOME = `
  open my $host, "+<&=", 3 or exit 1;
  syswrite $host, "${THERE}";
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
  /** So far: that it is there, then what it can't do. */
  said: string;
};

export function createStandby(pipes: Pipes): Standby {
  let isKept = false;
  let isRunning = false;
  let waiting: Waiting | undefined;
  let starting: Promise<void> | undefined;
  let soon: NodeJS.Timeout | undefined;

  async function start(): Promise<void> {
    let one: Waiting;
    try {
      one = startOne(pipes);
    } catch {
      return; // the next command starts by itself, or says why it can't
    }
    waiting = one;
    // One that dies must not be taken for one that waits, however late its end is heard of.
    for (const its of [one.control, one.stdout, one.stderr]) its.once("close", () => drop(one));
    const isReady = new Promise<void>((resolve) => {
      one.control.on("data", (data) => {
        one.said += data;
        resolve();
      });
    });
    const isOver = new Promise<void>((resolve) => {
      one.process.once("exit", () => resolve());
      one.process.on("error", (error) => {
        if ("code" in error && error.code === "ENOENT") isKept = false; // an image without perl
        resolve();
      });
    });
    void isOver.then(() => drop(one));
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
      waiting = undefined;
      if (one === undefined) return undefined;
      return { child: become(one, request), stdout: one.stdout, stderr: one.stderr };
    },
    restart() {
      isRunning = false;
      if (isKept) soon = setTimeout(startIfIdle, IDLE_MS);
    },
  };
}

function startOne(pipes: Pipes): Waiting {
  const opened: PipeEnd[] = [];
  try {
    opened.push(pipes.output());
    opened.push(pipes.errors());
    const [stdout, stderr] = opened as [PipeEnd, PipeEnd];
    const process = withSacrificedChildren(() =>
      spawn("/usr/bin/perl", ["-e", WAIT_AND_BECOME], {
        ...JOB,
        cwd: "/",
        env: {},
        stdio: ["pipe", stdout.theirs, stderr.theirs, "pipe"],
      }),
    );
    const control = process.stdio?.[3] as net.Socket | undefined;
    process.on("error", () => {}); // one that was not started has no descriptors
    if (control === undefined) throw new Error("It has no control.");
    for (const stream of [process.stdin, control]) stream?.on("error", () => {}); // it ends with the process
    return { process, control, stdout: stdout.ours, stderr: stderr.ours, said: "" };
  } catch (error) {
    for (const { ours } of opened) ours.destroy();
    throw error;
  } finally {
    for (const { theirs } of opened) closeSync(theirs);
  }
}

/** Also while it starts: its order waits for it. */
function become(one: Waiting, request: ExecRequest): Child {
  const { process, control } = one;
  const closed = new Promise<void>((resolve) => control.once("close", () => resolve()));
  const ended = new Promise<ChildEnd>((resolve) => {
    process.once("exit", async (exitCode, signal) => {
      await closed;
      const isAsAsked = one.said === THERE || signal !== null; // one may be killed before it is there
      resolve(isAsAsked ? { started: true, exitCode, signal } : explain(one.said));
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

/** Why it didn't become the command. */
function explain(said: string): ChildEnd {
  if (said === "") return { started: false, errorCode: "EAGAIN", about: "program" };
  const [about, number] = said.slice(THERE.length).split(" ");
  const errorCode = getSystemErrorName(-Number(number));
  return { started: false, errorCode, about: about === "folder" ? "folder" : "program" };
}
