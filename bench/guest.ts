import { spawn } from "node:child_process";
import { once } from "node:events";
import { loadavg } from "node:os";
import type { Sandbox } from "../src/sandbox/sandbox.ts";
import { median, type Spread, spreadOf } from "./figures.ts";
import { timed } from "./rounds.ts";
import { benchProvider, benchSpec } from "./sandboxes.ts";

const COMMAND = "/bin/true";
const PAIRS_A_ROUND = 40;

/** Milliseconds; a ratio is of the medians of one round. */
export type GuestFigures = {
  readonly runtime: string;
  readonly rounds: number;
  readonly pairsARound: number;
  readonly ratio: Spread;
  readonly guestMs: Spread;
  readonly hostMs: Spread;
  readonly loads: readonly number[];
};

/** The same small program through the guest and as a child process here, in turns. */
export async function measureGuest(runtime: string, rounds: number): Promise<GuestFigures> {
  await using sandbox = await benchProvider(runtime).create(benchSpec());
  const measured: { guestMs: number; hostMs: number; load: number }[] = [];
  for (let index = 0; index <= rounds; index += 1) {
    const load = loadavg()[0] ?? Number.NaN;
    const round = await measureRound(sandbox);
    if (index > 0) measured.push({ ...round, load });
  }
  return {
    runtime,
    rounds,
    pairsARound: PAIRS_A_ROUND,
    ratio: spreadOf(measured.map(({ guestMs, hostMs }) => guestMs / hostMs)),
    guestMs: spreadOf(measured.map(({ guestMs }) => guestMs)),
    hostMs: spreadOf(measured.map(({ hostMs }) => hostMs)),
    loads: measured.map(({ load }) => load),
  };
}

async function measureRound(sandbox: Sandbox): Promise<{ guestMs: number; hostMs: number }> {
  const guest: number[] = [];
  const host: number[] = [];
  const inGuest = async () => guest.push(await timed(() => runInGuest(sandbox)));
  const onHost = async () => host.push(await timed(runOnHost));
  for (let pair = 0; pair < PAIRS_A_ROUND; pair += 1) {
    for (const run of pair % 2 === 0 ? [inGuest, onHost] : [onHost, inGuest]) await run();
  }
  return { guestMs: median(guest), hostMs: median(host) };
}

async function runInGuest(sandbox: Sandbox): Promise<void> {
  const { end, exitCode } = await sandbox.exec([COMMAND], { timeoutMs: 60_000 });
  if (exitCode !== 0) throw new Error(`${COMMAND} in the sandbox ended by ${end} ${exitCode}.`);
}

/** Like the guest's: no input, both outputs through pipes, over when they are closed. */
async function runOnHost(): Promise<void> {
  const child = spawn(COMMAND, { stdio: ["ignore", "pipe", "pipe"], detached: true });
  child.stdout.resume();
  child.stderr.resume();
  await once(child, "close");
  if (child.exitCode !== 0) throw new Error(`${COMMAND} here ended with ${child.exitCode}.`);
}
