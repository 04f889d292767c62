import { readdir, readFile } from "node:fs/promises";
import { loadavg } from "node:os";
import { join, relative } from "node:path";
import { median, type Spread, spreadOf } from "../figures.ts";
import { openBareArm } from "./bare-arm.ts";
import { type DunlinRound, openDunlinArm } from "./dunlin-arm.ts";
import { SCRIPT, STEPS } from "./steps.ts";

const PACKAGE = join(import.meta.dirname, "package");

/** Milliseconds; ratios are Dunlin's by the script's time of the same round. */
export type TurnFigures = {
  readonly runtime: string;
  readonly rounds: number;
  readonly turns: number;
  readonly ratio: Spread;
  readonly overheadMsATurn: Spread;
  readonly dunlinMs: Spread;
  readonly bareMs: Spread;
  readonly modelMs: number;
  readonly waitForSandboxMs: number;
  /** Medians. */
  readonly steps: readonly {
    readonly name: string;
    readonly dunlinMs: number;
    readonly bareMs: number;
  }[];
  /** The machine's, at each round's start. */
  readonly loads: readonly number[];
};

type Round = {
  readonly dunlin: DunlinRound;
  readonly bare: { readonly totalMs: number; readonly stepsMs: readonly number[] };
  readonly load: number;
};

/** Dunlin's turns against a bare script, round by round; a first round of each is thrown away. */
export async function measureTurns(
  runtime: string,
  count: number,
  say: (line: string) => void,
): Promise<TurnFigures> {
  const files = await readPackage();
  await using dunlin = await openDunlinArm(runtime, files);
  const bare = openBareArm(runtime, files);
  const rounds: Round[] = [];
  for (let index = 0; index <= count; index += 1) {
    const load = loadavg()[0] ?? Number.NaN;
    // One after the other, and first the one, then the other.
    const first = index % 2 === 0 ? await bare.round() : undefined;
    const run = await dunlin.round();
    const script = first ?? (await bare.round());
    const ratio = (run.totalMs / script.totalMs).toFixed(2);
    say(`  ${index === 0 ? "warm-up" : `round ${index}`}: ${ratio}×, load ${load.toFixed(1)}`);
    if (index > 0) rounds.push({ dunlin: run, bare: script, load });
  }
  return figuresOf(runtime, rounds);
}

function figuresOf(runtime: string, rounds: readonly Round[]): TurnFigures {
  const spread = (figure: (round: Round) => number) => spreadOf(rounds.map(figure));
  const middle = (figure: (round: Round) => number) => median(rounds.map(figure));
  return {
    runtime,
    rounds: rounds.length,
    turns: SCRIPT.length,
    ratio: spread(({ dunlin, bare }) => dunlin.totalMs / bare.totalMs),
    overheadMsATurn: spread(({ dunlin, bare }) => (dunlin.totalMs - bare.totalMs) / SCRIPT.length),
    dunlinMs: spread(({ dunlin }) => dunlin.totalMs),
    bareMs: spread(({ bare }) => bare.totalMs),
    modelMs: middle(({ dunlin }) => dunlin.modelMs),
    waitForSandboxMs: middle(({ dunlin }) => dunlin.waitForSandboxMs),
    steps: STEPS.map(({ name }, index) => ({
      name,
      dunlinMs: middle(({ dunlin }) => dunlin.stepsMs[index] ?? Number.NaN),
      bareMs: middle(({ bare }) => bare.stepsMs[index] ?? Number.NaN),
    })),
    loads: rounds.map(({ load }) => load),
  };
}

async function readPackage(): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(PACKAGE, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const read = files.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name);
    return [relative(PACKAGE, path), await readFile(path, "utf8")] as const;
  });
  return Object.fromEntries(await Promise.all(read));
}
