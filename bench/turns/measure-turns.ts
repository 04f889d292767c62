import { readdir, readFile } from "node:fs/promises";
import { loadavg } from "node:os";
import { join, relative } from "node:path";
import { median, type Spread, spreadOf } from "../figures.ts";
import { type BareRound, openBareArm } from "./bare-arm.ts";
import { type DunlinRound, openDunlinArm } from "./dunlin-arm.ts";
import { SCRIPT, STEPS } from "./steps.ts";

const PACKAGE = join(import.meta.dirname, "package");

/** Milliseconds. Ratios and differences are between Dunlin's time and a script's time of the same round. */
export type TurnFigures = {
  readonly runtime: string;
  readonly rounds: number;
  readonly turns: number;
  readonly ratio: Spread;
  readonly overheadMsATurn: Spread;
  /** To the script whose tests have no reporters. */
  readonly ratioToPlain: Spread;
  readonly dunlinMs: Spread;
  readonly scriptMs: Spread;
  readonly plainScriptMs: Spread;
  readonly modelMs: number;
  readonly waitForSandboxMs: number;
  /** Medians. */
  readonly steps: readonly {
    readonly name: string;
    readonly dunlinMs: number;
    readonly scriptMs: number;
  }[];
  /** The machine's, at each round's start. */
  readonly loads: readonly number[];
};

type Round = {
  readonly dunlin: DunlinRound;
  readonly script: BareRound;
  readonly plain: BareRound;
  readonly load: number;
};

/** Dunlin's turns against bare scripts, one after the other; a first round of each is thrown away. */
export async function measureTurns(
  runtime: string,
  count: number,
  say: (line: string) => void,
): Promise<TurnFigures> {
  const files = await readPackage();
  const script = openBareArm(runtime, files, { reporters: true });
  const plain = openBareArm(runtime, files, { reporters: false });
  await using dunlin = await openDunlinArm(runtime, files);
  const rounds: Round[] = [];
  for (let index = 0; index <= count; index += 1) {
    const load = loadavg()[0] ?? Number.NaN;
    // Dunlin stands between the scripts, and each of them is the first in every other round.
    const isPlainFirst = index % 2 === 0;
    const before = await (isPlainFirst ? plain : script).round();
    const run = await dunlin.round();
    const after = await (isPlainFirst ? script : plain).round();
    const [bare, reported] = isPlainFirst ? [before, after] : [after, before];
    const round = { dunlin: run, script: reported, plain: bare, load };
    say(`  ${index === 0 ? "warm-up" : `round ${index}`}: ${ratioOf(round).toFixed(2)}×`);
    if (index > 0) rounds.push(round);
  }
  return figuresOf(runtime, rounds);
}

function ratioOf({ dunlin, script }: Round): number {
  return dunlin.totalMs / script.totalMs;
}

function figuresOf(runtime: string, rounds: readonly Round[]): TurnFigures {
  const spread = (figure: (round: Round) => number) => spreadOf(rounds.map(figure));
  const middle = (figure: (round: Round) => number) => median(rounds.map(figure));
  const turns = SCRIPT.length;
  return {
    runtime,
    rounds: rounds.length,
    turns,
    ratio: spread(ratioOf),
    overheadMsATurn: spread(({ dunlin, script }) => (dunlin.totalMs - script.totalMs) / turns),
    ratioToPlain: spread(({ dunlin, plain }) => dunlin.totalMs / plain.totalMs),
    dunlinMs: spread(({ dunlin }) => dunlin.totalMs),
    scriptMs: spread(({ script }) => script.totalMs),
    plainScriptMs: spread(({ plain }) => plain.totalMs),
    modelMs: middle(({ dunlin }) => dunlin.modelMs),
    waitForSandboxMs: middle(({ dunlin }) => dunlin.waitForSandboxMs),
    steps: STEPS.map(({ name }, index) => ({
      name,
      dunlinMs: middle(({ dunlin }) => dunlin.stepsMs[index] ?? Number.NaN),
      scriptMs: middle(({ script }) => script.stepsMs[index] ?? Number.NaN),
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
