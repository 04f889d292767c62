import { published, upstreamCase } from "../published.ts";
import type { ReporterCase } from "../reporter-case.ts";
import { tapSubtests } from "../summaries.ts";

export const tap: ReporterCase = {
  ...published({
    ...upstreamCase("fast-safe-stringify-1"),
    testScript: "tap --no-coverage test.js test-stable.js",
  }),
  runner: "tap",
  version: "node_modules/.bin/tap --version",
  alone: "node_modules/.bin/tap --no-coverage --reporter=tap test.js test-stable.js",
  summary: tapSubtests,
  counted: "tap's last lines count files, so the line that closes each subtest is counted instead",
};
