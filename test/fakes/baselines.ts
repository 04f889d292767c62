import type { SavedBaseline, SavedBaselines } from "../../src/run/saved-baselines.ts";

/** Measured bases in memory. */
export function fakeBaselines(): SavedBaselines & { readonly saved: Map<string, SavedBaseline> } {
  const saved = new Map<string, SavedBaseline>();
  return {
    saved,
    get: async (key) => saved.get(key),
    put: async (key, baseline) => void saved.set(key, baseline),
  };
}
