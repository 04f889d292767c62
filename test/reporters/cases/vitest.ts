import { published, upstreamCase } from "../published.ts";
import type { ReporterCase } from "../reporter-case.ts";
import { jestJson } from "../summaries.ts";

export const vitest: ReporterCase = {
  ...published(upstreamCase("msw-2")),
  runner: "vitest",
  version: "node_modules/.bin/vitest --version",
  alone: "node_modules/.bin/vitest run --reporter=json",
  summary: jestJson,
};
