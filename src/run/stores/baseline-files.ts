import { z } from "zod";
import type { SavedBaselines } from "../saved-baselines.ts";
import { createJsonFiles } from "./json-files.ts";

const digest = z.templateLiteral(["sha256:", z.string().regex(/^[0-9a-f]{64}$/)]);
const Saved = z.strictObject({
  measuredAtMs: z.number(),
  baseline: digest,
  logs: z.array(digest),
});

/** Measured bases in `folder`. */
export function createBaselineFiles(folder: string): SavedBaselines {
  return createJsonFiles(folder, (json) => Saved.parse(json));
}
