import { type Spread, spreadOf } from "./figures.ts";
import type { Measured } from "./rounds.ts";

/** One figure with all that is to be known of how it came about. */
export type Finding = {
  /** What its goal is looked up by. */
  readonly id: string;
  readonly runtime: string;
  /** What the figure says, e.g. `a warm claim to its first command ÷ a cold create to it`. */
  readonly what: string;
  readonly unit: "×" | " ms" | " MB";
  /** What the goal is held against: the spread's median unless `what` says otherwise. */
  readonly figure: number;
  readonly spread: Spread;
  readonly rounds: number;
  /** What was measured, in milliseconds unless the unit is MB. */
  readonly parts: Readonly<Record<string, Spread>>;
  readonly loads: readonly number[];
  /** Said when the goal is missed. */
  readonly reason: string;
};

type About = Pick<Finding, "id" | "runtime" | "what" | "reason">;

/** The median of what `of` makes of each round; `shown` are the sides that it is made of. */
export function ratio<Name extends string>(
  about: About,
  measured: Measured<Name>,
  shown: readonly NoInfer<Name>[],
  of: (round: Readonly<Record<Name, number>>) => number,
): Finding {
  const spread = spreadOf(measured.rounds.map(of));
  return { ...about, unit: "×", figure: spread.median, spread, ...common(measured, shown) };
}

/** One side's own time: the median of all samples unless `pick` takes another of them. */
export function time<Name extends string>(
  about: About,
  measured: Measured<Name>,
  side: NoInfer<Name>,
  pick?: (samples: readonly number[]) => number,
): Finding {
  const samples = measured.samples[side];
  const spread = spreadOf(samples);
  const figure = pick === undefined ? spread.median : pick(samples);
  return { ...about, unit: " ms", figure, spread, ...common(measured, [side]) };
}

function common<Name extends string>(
  { rounds, samples, loads }: Measured<Name>,
  sides: readonly Name[],
): Pick<Finding, "rounds" | "parts" | "loads"> {
  const parts = sides.map((side) => [side, spreadOf(samples[side])] as const);
  return { rounds: rounds.length, parts: Object.fromEntries(parts), loads };
}
