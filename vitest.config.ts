import { defineConfig } from "vitest/config";

const project = (name: string, testTimeout: number) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout, hookTimeout: testTimeout },
});

export default defineConfig({
  test: {
    projects: [project("unit", 10_000), project("integration", 180_000), project("e2e", 600_000)],
    maxWorkers: 2,
  },
});
