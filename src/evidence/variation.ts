/** What a run of the suite is told of the world. A test whose result follows from it proves little. */
export type Variation = "usual" | "far-east" | "far-west";

/** Zones with other dates than most of the world, and languages with other numbers and letters. */
const VARIED: Readonly<
  Record<
    Exclude<Variation, "usual">,
    { readonly zone: string; readonly language: string; readonly words: string }
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
    words: "11 hours behind UTC, in Turkish",
  },
};

/** Added to the environment of the test command; undefined when nothing is. */
export function variationEnv(variation: Variation): Readonly<Record<string, string>> | undefined {
  if (variation === "usual") return undefined;
  const { zone, language } = VARIED[variation];
  return { TZ: zone, LANG: language, LC_ALL: language };
}

export function variationWords(variation: Variation): string | undefined {
  return variation === "usual" ? undefined : VARIED[variation].words;
}
