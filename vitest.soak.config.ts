import { defineConfig } from "vitest/config";

const HOURS_MS = 3_600_000;

/** Longer forms of the tests, for a night: `npm run soak`. */
export default defineConfig({
  test: {
    include: ["test/soak/**/*.test.ts"],
    testTimeout: 6 * HOURS_MS,
    hookTimeout: HOURS_MS,
    maxWorkers: 2,
  },
});
