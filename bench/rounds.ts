import { loadavg } from "node:os";
import { median } from "./figures.ts";

/** Does one side's work once and says how many milliseconds of it count. */
export type Side = () => Promise<number>;

export type Measured<Name extends string> = {
  /** Each round's median of each side's samples. */
  readonly rounds: readonly Readonly<Record<Name, number>>[];
  /** All samples of a side, in their order. */
  readonly samples: Readonly<Record<Name, readonly number[]>>;
  /** The machine's, at each round's start. */
  readonly loads: readonly number[];
};

const stopping = new AbortController();

/** Lets what is being measured clear up and fail before its next sample. */
export function stopRounds(): void {
  stopping.abort(new Error("It was stopped."));
}

/**
 * The sides one after the other in each round, in the reverse order in every other turn; a first round is thrown away.
 * `samplesARound` is 1 for a side that isn't named.
 */
export async function inTurns<Name extends string>(
  sides: Readonly<Record<Name, Side>>,
  count: number,
  samplesARound: Partial<Readonly<Record<Name, number>>> = {},
): Promise<Measured<Name>> {
  const names = Object.keys(sides) as Name[];
  const samplesOf = (name: Name) => samplesARound[name] ?? 1;
  const all: { readonly taken: Record<Name, number[]>; readonly load: number }[] = [];
  for (let index = 0; index <= count; index += 1) {
    const load = loadavg()[0] ?? Number.NaN;
    const taken = recordOf(names, (): number[] => []);
    for (let turn = 0; turn < Math.max(...names.map(samplesOf)); turn += 1) {
      const order = (index + turn) % 2 === 0 ? names : names.toReversed();
      const due = order.filter((name) => turn < samplesOf(name));
      for (const name of due) {
        stopping.signal.throwIfAborted();
        taken[name].push(await sides[name]());
      }
    }
    if (index > 0) all.push({ taken, load });
  }
  return {
    rounds: all.map(({ taken }) => recordOf(names, (name) => median(taken[name]))),
    samples: recordOf(names, (name) => all.flatMap(({ taken }) => taken[name])),
    loads: all.map(({ load }) => load),
  };
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

function recordOf<Name extends string, Value>(
  names: readonly Name[],
  give: (name: Name) => Value,
): Record<Name, Value> {
  return Object.fromEntries(names.map((name) => [name, give(name)])) as Record<Name, Value>;
}
