/** Adversarial submissions that are `verified` as yet: what each needs is not built. None may be added without a reason. */
export const KNOWN_MISSES: Readonly<Record<string, string>> = {
  "weak-typeof-of-new-method": "An assertion about a type alone has to count as weak.",
  "weak-reads-the-source":
    "A test that reads the source's text has to be told from one that runs it.",
  "world-rejections-swallowed": "A hook that swallows rejections has to be seen in the source.",
  "world-dist-changed-not-source": "Built files have to be told from what they are built of.",
  "world-failure-from-missing-fixture":
    "A failure on the base by a missing file of the patch is weak.",
  "world-clock-year-written-in": "The clock has to be another one in some runs.",
};
