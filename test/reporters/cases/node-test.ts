import { published, upstreamCase } from "../published.ts";
import type { ReporterCase } from "../reporter-case.ts";
import { nodeTest } from "../summaries.ts";

const processWarning = published({
  ...upstreamCase("minimist-1"),
  id: "process-warning",
  package: "process-warning",
  base: "5.1.1",
  fixed: "5.1.1",
  runner: "node:test",
  testScript: "node --test",
  tests: ["^test/"],
  // A test of jest's.
  drop: ["jest\\.test\\.js$"],
  devDependencies: {},
});

export const nodeTests: ReporterCase = {
  ...processWarning,
  runner: "node:test",
  version: "node --version",
  alone: "node --test --test-reporter=tap",
  summary: nodeTest,
};
