import type { SavedInstall, SavedInstalls } from "../../src/run/saved-installs.ts";

/** Installations in memory. */
export function fakeInstalls(): SavedInstalls & { readonly saved: Map<string, SavedInstall> } {
  const saved = new Map<string, SavedInstall>();
  return {
    saved,
    get: async (key) => saved.get(key),
    put: async (key, install) => void saved.set(key, install),
  };
}
