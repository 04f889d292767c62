import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { quantile } from "../figures.ts";
import { type Finding, ratio, time } from "../finding.ts";
import { inTurns, timed } from "../rounds.ts";
import { openPlace } from "./place.ts";

const TIMEOUT_MS = 50;
const SLEEP = ["/bin/sleep", "600"] as const;
const SAMPLES = 5;

/** How much later than asked a command's end comes, and a child's of the benchmark that a timer kills. */
export async function measureTimeout(runtime: string, rounds: number): Promise<readonly Finding[]> {
  await using place = await openPlace(runtime);
  await using sandbox = await place.create();
  const sides = { sandbox: () => lateInSandbox(sandbox), host: lateOnHost };
  const measured = await inTurns(sides, rounds, { sandbox: SAMPLES, host: SAMPLES });
  const about = { runtime, reason: "The end is told once every process is gone and buried." };
  const what = "how late a timed-out command's end comes ÷ that of a host child killed by a timer";
  const tail = "the same of the sandbox alone, the 95th of 100";
  return [
    ratio(
      { ...about, id: "timeout", what },
      measured,
      ["sandbox", "host"],
      (ms) => ms.sandbox / ms.host,
    ),
    time({ ...about, id: "timeout-tail", what: tail }, measured, "sandbox", (all) =>
      quantile(all, 0.95),
    ),
  ];
}

async function lateInSandbox(sandbox: Sandbox): Promise<number> {
  const tookMs = await timed(async () => {
    const { end } = await sandbox.exec(SLEEP, { timeoutMs: TIMEOUT_MS });
    if (end !== "timeout") throw new Error(`A command that was to time out ended by ${end}.`);
  });
  return tookMs - TIMEOUT_MS;
}

async function lateOnHost(): Promise<number> {
  const [program, ...args] = SLEEP;
  const tookMs = await timed(async () => {
    const child = spawn(program, args, {
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
      timeout: TIMEOUT_MS,
      killSignal: "SIGKILL",
    });
    child.stdout.resume();
    child.stderr.resume();
    await once(child, "close");
  });
  return tookMs - TIMEOUT_MS;
}
