import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** Root where this process is root; else the only user of a user name space, in which files look like root's. */
export const AS_ROOT: readonly string[] =
  process.getuid?.() === 0 ? [] : ["unshare", "--map-root-user"];

const MAX_LOG_CHARS = 4_000;

/** A host program that was started; `done` rejects with its last words unless it ends with 0. */
export type Program = { readonly child: ChildProcess; readonly done: Promise<void> };

/** Starts a program quietly; its standard input is a pipe. */
export function startProgram(argv: readonly string[]): Program {
  const [name = "", ...args] = argv;
  const child = spawn(name, args, {
    stdio: ["pipe", "pipe", "pipe"],
    env: {
      PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      LC_ALL: "C.UTF-8",
      SOURCE_DATE_EPOCH: "0",
    },
  });
  let log = "";
  child.stderr?.on("data", (data: Buffer) => {
    log = (log + data.toString()).slice(-MAX_LOG_CHARS);
  });
  child.stdout?.resume();
  child.stdin?.on("error", () => {}); // it has ended; why, is in its log
  const done = once(child, "close").then(([code, killer]) => {
    if (code !== 0) throw new Error(`${name} failed: ${log.trim() || killer || `exit ${code}`}`);
  });
  done.catch(() => {}); // whoever waits for it gets it too
  return { child, done };
}

export async function runProgram(argv: readonly string[]): Promise<void> {
  const { child, done } = startProgram(argv);
  child.stdin?.end();
  await done;
}
