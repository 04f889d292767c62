import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export type Bait = AsyncDisposable & {
  readonly pid: number;
  readonly abstractName: string;
  /** What reached it: each is a breach. */
  readonly events: string[];
};

const PROGRAM = `
  for (const signal of ["SIGUSR1", "SIGUSR2", "SIGTERM", "SIGHUP", "SIGINT", "SIGCONT"]) process.on(signal, () => console.log("The host's process got " + signal));
  require("node:net").createServer((socket) => { console.log("The host's abstract socket was reached"); socket.destroy(); }).listen({ path: "\\0" + process.env.BAIT_NAME }, () => console.log("READY"));
  process.stdin.on("end", () => process.exit(0)).resume();
`;

function failed(): never {
  throw new Error("The process that is to be found on the host did not start.");
}

/** A process of the host with a secret in its arguments, environment and memory. It ends with this one. */
export async function startBait(bait: { secret: string; name: string }): Promise<Bait> {
  const child = spawn(process.execPath, ["-e", PROGRAM, "--", `--secret=${bait.secret}`], {
    stdio: ["pipe", "pipe", "ignore"],
    env: { PATH: process.env["PATH"], BAIT: bait.secret, BAIT_NAME: bait.name },
  });
  const events: string[] = [];
  const lines = createInterface({ input: child.stdout });
  await Promise.race([once(lines, "line"), once(child, "exit").then(failed)]);
  lines.on("line", (line) => events.push(line));
  let isDone = false;
  child.on("exit", (_, signal) => {
    if (!isDone) events.push(`The host's process ended by ${signal ?? "itself"}`);
  });
  return {
    pid: child.pid ?? 0,
    abstractName: bait.name,
    events,
    async [Symbol.asyncDispose]() {
      isDone = true;
      child.stdin.end();
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    },
  };
}
