import { type StdioOptions, spawn } from "node:child_process";
import { statSync } from "node:fs";
import type { ExecRequest } from "../wire/message.ts";
import { withSacrificedChildren } from "./memory.ts";

/** Who every command runs as; the guest itself is root with hardly a right. */
const JOB_UID = 1000;
const JOB_GID = 1000;

/** How a child ended, or the code of the error that kept it from starting (`ENOENT`, `E2BIG`, ...). */
export type ChildEnd =
  | { readonly started: true; readonly exitCode: number | null; readonly signal: string | null }
  | { readonly started: false; readonly errorCode: string; readonly about: "folder" | "program" };

/** Starts the command in a terminal session of its own; the promise never rejects. */
export function runChild(request: ExecRequest, stdio: StdioOptions): Promise<ChildEnd> {
  const folder = checkFolder(request.cwd);
  if (folder !== "ok" && folder !== "EACCES") {
    return Promise.resolve({ started: false, errorCode: folder, about: "folder" });
  }
  // The guest can't enter a folder that the job has closed to others; the job can.
  const viaEnv = folder === "EACCES";
  const prefix = viaEnv ? ["/usr/bin/env", `--chdir=${request.cwd}`, "--"] : [];
  const [program = "", ...args] = [...prefix, ...request.argv];
  return new Promise((resolve) => {
    const fail = (error: unknown) =>
      resolve({ started: false, errorCode: codeOf(error), about: "program" });
    try {
      const child = withSacrificedChildren(() =>
        spawn(program, args, {
          cwd: viaEnv ? "/" : request.cwd,
          env: request.env,
          uid: JOB_UID,
          gid: JOB_GID,
          detached: true,
          stdio,
        }),
      );
      child.on("error", fail);
      child.on("exit", (exitCode, signal) => resolve({ started: true, exitCode, signal }));
    } catch (error) {
      fail(error);
    }
  });
}

function checkFolder(path: string): string {
  try {
    return statSync(`${path}/.`).isDirectory() ? "ok" : "ENOTDIR";
  } catch (error) {
    return codeOf(error);
  }
}

/** Ends every process but this one and process 1: commands run one at a time, so all others are the command's. */
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
