import { z } from "zod";
import type { Basis } from "../evidence/basis.ts";
import type { BundleFile } from "./manifest.ts";
import { formOf, parseJson } from "./read-json.ts";

// Loose: what else a run holds is compared with evidence.json, not read.
const suite = z.looseObject({
  command: z.string(),
  end: z.string(),
  exitCode: z.int().nullable(),
  durationMs: z.number(),
  tests: z.array(
    z.looseObject({
      key: z.looseObject({ file: z.string(), name: z.string(), ordinal: z.int() }),
      status: z.enum(["pass", "fail", "skip"]),
      failure: z.looseObject({ reason: z.string(), message: z.string() }).optional(),
    }),
  ),
  logTail: z.string(),
  logSha256: z.string(),
});
const basis = z.looseObject({
  runs: z.looseObject({ first: suite, second: suite, head: suite }),
  touched: z.looseObject({ paths: z.array(z.string()), existing: z.array(z.string()) }),
});
const place = z.strictObject({ report: z.string() });

/** `runs.json` with each run's report in its place; what is wrong, as a sentence, when that can't be done. */
export function readBasis(files: ReadonlyMap<string, BundleFile>): Basis | string {
  const json = parseJson(files.get("runs.json"));
  if (json === undefined) return "runs.json is not there, or it is no JSON.";
  const wrong: string[] = [];
  const filled = fill(json, (path) => {
    const report = parseJson(files.get(path));
    const { error } = suite.safeParse(report);
    if (error !== undefined) wrong.push(`${path} is no report of a run. ${formOf(error)}`);
    return report;
  });
  if (wrong[0] !== undefined) return wrong[0];
  const { error } = basis.safeParse(filled);
  // What is not checked here is only compared and judged, and a bundle whose judgement throws is refused.
  return error === undefined ? (filled as Basis) : `runs.json: ${formOf(error)}`;
}

function fill(value: unknown, reportAt: (path: string) => unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => fill(one, reportAt));
  if (typeof value !== "object" || value === null) return value;
  const report = place.safeParse(value).data?.report;
  if (report !== undefined) return reportAt(report);
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, fill(one, reportAt)]),
  );
}
