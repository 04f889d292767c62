import { published, upstreamCase } from "../published.ts";
import type { ReporterCase } from "../reporter-case.ts";
import { mochaJson } from "../summaries.ts";

export const mocha: ReporterCase = {
  ...published(upstreamCase("flat-1")),
  runner: "mocha",
  version: "node_modules/.bin/mocha --version",
  alone: "node_modules/.bin/mocha -u tdd --reporter json test/test.js",
  summary: mochaJson,
};
