import { defineConfig } from "vitest/config";

const project = (name: string, testTimeout: number, isolate = true) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout,
    hookTimeout: testTimeout,
    isolate,
  },
});

// Unit tests change nothing outside themselves, so their files share modules: that halves their time.
const unit = project("unit", 30_000, false);
const integration = project("integration", 180_000);
const e2e = project("e2e", 600_000);

export default defineConfig({
  test: { projects: [unit, integration, e2e], maxWorkers: 2 },
});
