/** Adversarial submissions that are `verified` as yet: what each needs is not built. None may be added without a reason. */
export const KNOWN_MISSES: Readonly<Record<string, string>> = {
  "world-failure-from-missing-fixture":
    "A failure on the base by a missing file of the patch is weak.",
  "world-clock-year-written-in": "The clock has to be another one in some runs.",
};
