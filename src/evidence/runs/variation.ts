/** What a run of the suite is told of the world. A test whose result follows from it proves little. */
export type Variation = "usual" | "far-east" | "far-west";

/** Zones with other dates than most of the world, and languages with other numbers and letters. */
const VARIED: Readonly<
  Record<
    Exclude<Variation, "usual">,
    {
      readonly zone: string;
      readonly language: string;
      readonly words: string;
      readonly clockAheadMs?: number;
    }
  >
> = {
  "far-east": {
    zone: "Pacific/Kiritimati",
    language: "de_DE.UTF-8",
    words: "14 hours ahead of UTC, in German",
  },
  "far-west": {
    zone: "Pacific/Niue",
    language: "tr_TR.UTF-8",
    words: "11 hours behind UTC, in Turkish, 400 days later",
    clockAheadMs: 400 * 24 * 3_600_000,
  },
};

/** What a run of the suite is told; the clock is Node's alone. */
export type Told = {
  readonly env?: Readonly<Record<string, string>>;
  readonly clockAheadMs?: number;
};

export function toldOf(variation: Variation): Told {
  if (variation === "usual") return {};
  const { zone, language, clockAheadMs } = VARIED[variation];
  const env = { TZ: zone, LANG: language, LC_ALL: language };
  return { env, ...(clockAheadMs !== undefined && { clockAheadMs }) };
}

export function variationWords(variation: Variation): string | undefined {
  return variation === "usual" ? undefined : VARIED[variation].words;
}
