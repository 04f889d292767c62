import { published, upstreamCase } from "../published.ts";
import type { ReporterCase } from "../reporter-case.ts";
import { jestJson } from "../summaries.ts";

export const jest: ReporterCase = {
  ...published(upstreamCase("tsconfig-paths-1")),
  runner: "jest",
  version: "node_modules/.bin/jest --version",
  alone: "node_modules/.bin/jest --json",
  summary: jestJson,
};
