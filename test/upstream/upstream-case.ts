import { readFileSync } from "node:fs";
import { z } from "zod";

/** Two versions of a published package: the second fixes what the issue tells, and ships the test that shows it. */
export type UpstreamCase = z.infer<typeof upstreamCase>;

const patterns = z.array(z.string());

const upstreamCase = z.strictObject({
  id: z.string(),
  package: z.string(),
  base: z.string(),
  fixed: z.string(),
  /** What runs the tests. */
  runner: z.string(),
  issue: z.strictObject({ title: z.string(), body: z.string() }),
  testScript: z.string(),
  /** Which files are tests and what belongs to them; regular expressions, as those below. */
  tests: patterns,
  /** Only these files of the packages count, if given. */
  keep: patterns.default([]),
  drop: patterns.default([]),
  /** Fields of the manifest that point to what was dropped. */
  dropFields: z.array(z.string()).default([]),
  devDependencies: z.record(z.string(), z.string()).default({}),
  /** What runs the tests and isn't published. */
  extraFiles: z.record(z.string(), z.string()).default({}),
  /** Added to the manifest. */
  manifest: z.record(z.string(), z.unknown()).default({}),
  /** Why it can't be verified, if so. */
  unprovable: z.string().optional(),
});

/** The first seven come from a public corpus of such bugs; facts and issue texts only. */
export const UPSTREAM_CASES: readonly UpstreamCase[] = z
  .array(upstreamCase)
  .parse(JSON.parse(readFileSync(new URL("cases.json", import.meta.url), "utf8")));
