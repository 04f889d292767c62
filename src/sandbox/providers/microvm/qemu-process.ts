import { spawn } from "node:child_process";
import type { Duplex } from "node:stream";
import { Failure } from "../../../errors.ts";
import { confinedCommand, type QemuUser } from "./confinement.ts";

/** A running qemu. Its streams are descriptors that only it has; all of them end with it. */
export type QemuProcess = {
  readonly pid: number;
  readonly wire: Duplex;
  readonly orders: Duplex;
  readonly monitor: Duplex;
  /** Settles with what it said last, once it has ended; never rejects. */
  readonly ended: Promise<string>;
  /** Kills it and waits. Throws `unavailable/qemu-not-ended` when the kernel can't end it. */
  kill(): Promise<void>;
};

export type QemuStart = {
  /** What it sees as its own: the working folder, which the file names in `args` are relative to. */
  readonly folder: string;
  readonly args: readonly string[];
  readonly user: QemuUser | undefined;
  readonly maxFileBytes: number;
  /** A descriptor of the devices' state that it goes on from. */
  readonly stateFd?: number;
};

export const QEMU = "qemu-system-x86_64";
const DRAIN_MS = 500;
const KILL_TIMEOUT_MS = 15_000;
const MAX_COMPLAINT_CHARS = 2_000;

export async function startQemu(start: QemuStart): Promise<QemuProcess> {
  const { folder, user, maxFileBytes, stateFd } = start;
  const [program = "", ...args] = confinedCommand(user, maxFileBytes, [QEMU, ...start.args]);
  const child = spawn(program, args, {
    cwd: folder,
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C" },
    // As in MACHINE_FDS. A pipe of Node's is a socket pair.
    stdio: [
      "ignore",
      "ignore",
      "pipe",
      "pipe",
      "pipe",
      "pipe",
      ...(stateFd === undefined ? [] : [stateFd]),
    ],
  });
  let complaint = "";
  child.stderr?.on("data", (data: Buffer) => {
    complaint = (complaint + data.toString()).slice(-MAX_COMPLAINT_CHARS);
  });
  const ended = new Promise<string>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    // Its streams may stay open for as long as nobody reads them.
    child.on("exit", (code, signal) => {
      setTimeout(resolve, DRAIN_MS, `It ended (${signal ?? code}).`).unref();
    });
    child.on("close", (code, signal) =>
      resolve(complaint.trim() || `It ended (${signal ?? code}).`),
    );
  });
  const [, , , wire, orders, monitor]: readonly unknown[] = child.stdio;
  if (child.pid === undefined) throw notStarted(await ended);
  return {
    pid: child.pid,
    wire: quiet(wire),
    orders: quiet(orders),
    monitor: quiet(monitor),
    ended,
    async kill() {
      child.kill("SIGKILL");
      const late = new Promise<"late">((resolve) => {
        setTimeout(resolve, KILL_TIMEOUT_MS, "late").unref();
      });
      if ((await Promise.race([ended, late])) === "late") throw notEnded(child.pid);
    },
  };
}

/** A break of the stream is heard as its end. */
function quiet(stream: unknown): Duplex {
  const duplex = stream as Duplex; // what spawn makes of a "pipe" above 2
  return duplex.on("error", () => {});
}

function notStarted(why: string): Failure {
  return new Failure(
    "invalid-request",
    "qemu-not-started",
    `The micro-VM can't be started: ${why} Install its programs with \`npm run setup -- microvm\`.`,
  );
}

function notEnded(pid: number | undefined): Failure {
  return new Failure(
    "unavailable",
    "qemu-not-ended",
    `The micro-VM's process ${pid} doesn't end; look at what the kernel says about it (dmesg).`,
  );
}
