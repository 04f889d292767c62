import { spawn } from "node:child_process";
import { statSync } from "node:fs";
import type { Writable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import type { ExecRequest } from "../wire/message.ts";
import { withSacrificedChildren } from "./memory.ts";

/** Who every command runs as, in a session of its own; the guest itself is root with hardly a right. */
export const JOB = { uid: 1000, gid: 1000, detached: true } as const;

/** How a child ended, or the code of the error that kept it from starting (`ENOENT`, `E2BIG`, ...). */
export type ChildEnd =
  | { readonly started: true; readonly exitCode: number | null; readonly signal: string | null }
  | { readonly started: false; readonly errorCode: string; readonly about: "folder" | "program" };

export type Child = {
  /** Never rejects. */
  readonly ended: Promise<ChildEnd>;
  /** Null when it has no input, or hasn't started. */
  readonly stdin: Writable | null;
};

/** Starts the command in a session of its own, with the given descriptors as standard output and error. */
export function startChild(request: ExecRequest, stdout: number, stderr: number): Child {
  const folder = checkFolder(request.cwd);
  if (folder !== "ok" && folder !== "EACCES") return failed(folder, "folder");
  // The guest can't enter a folder that the job has closed to others; the job can.
  const viaEnv = folder === "EACCES";
  const prefix = viaEnv ? ["/usr/bin/env", `--chdir=${request.cwd}`, "--"] : [];
  const [program = "", ...args] = [...prefix, ...request.argv];
  try {
    const child = withSacrificedChildren(() =>
      spawn(program, args, {
        cwd: viaEnv ? "/" : request.cwd,
        env: request.env,
        ...JOB,
        stdio: [request.stdin ? "pipe" : "ignore", stdout, stderr],
      }),
    );
    const ended = new Promise<ChildEnd>((resolve) => {
      child.on("error", (error) =>
        resolve({ started: false, errorCode: codeOf(error), about: "program" }),
      );
      child.on("exit", (exitCode, signal) => resolve({ started: true, exitCode, signal }));
    });
    return { ended, stdin: child.stdin };
  } catch (error) {
    return failed(codeOf(error), "program");
  }
}

function failed(errorCode: string, about: "folder" | "program"): Child {
  return { ended: Promise.resolve({ started: false, errorCode, about }), stdin: null };
}

function checkFolder(path: string): string {
  try {
    return statSync(`${path}/.`).isDirectory() ? "ok" : "ENOTDIR";
  } catch (error) {
    return codeOf(error);
  }
}

/** A busy machine buries its dead late. */
const GONE_TIMEOUT_MS = 30_000;

/**
 * Ends every process but this one and process 1, and resolves once process 1 has buried them: until then they count
 * against the limit on processes. Again and again, because gVisor ends those of a list that it made before: what forks
 * all the time slips through once. False when somebody is left nevertheless.
 */
export async function endAll(): Promise<boolean> {
  const deadline = performance.now() + GONE_TIMEOUT_MS;
  sweep();
  while (hasOthers()) {
    if (performance.now() > deadline) return false;
    await delay(1);
    sweep();
  }
  return true;
}

/** Whether there is a process beside this one and process 1, a dead one that nobody has buried included. */
function hasOthers(): boolean {
  try {
    return process.kill(-1, 0);
  } catch (error) {
    if (codeOf(error) === "ESRCH") return false;
    throw error;
  }
}

/** Kills every process but this one and process 1, once: commands run one at a time, so all others are the command's. */
export function sweep(): void {
  try {
    process.kill(-1, "SIGKILL");
  } catch (error) {
    if (codeOf(error) !== "ESRCH") throw error; // nobody was left
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
