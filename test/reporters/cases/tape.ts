import type { UpstreamCase } from "../../upstream/upstream-case.ts";
import { published, upstreamCase } from "../published.ts";
import type { ReporterCase } from "../reporter-case.ts";
import { tapeBlocks } from "../summaries.ts";

const tapeCase = (one: UpstreamCase): ReporterCase => ({
  ...published(one),
  runner: "tape",
  version: "grep '\"version\"' node_modules/tape/package.json",
  alone: "node_modules/.bin/tape 'test/*.js'",
  summary: tapeBlocks,
  counted: "tape's last lines count assertions, so its `# name` lines are counted instead",
});

export const tapes: readonly ReporterCase[] = [
  // With the next version's tests the old code ends tape 4 before it sums up.
  { ...upstreamCase("static-eval-2"), fixed: "2.0.3" },
  upstreamCase("minimist-1"),
  upstreamCase("qs-1"),
].map(tapeCase);
