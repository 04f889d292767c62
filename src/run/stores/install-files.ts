import { z } from "zod";
import type { SavedInstalls } from "../saved-installs.ts";
import { createJsonFiles } from "./json-files.ts";

const Saved = z.strictObject({
  installedAtMs: z.number(),
  dependencies: z
    .strictObject({
      digest: z.templateLiteral(["sha256:", z.string().regex(/^[0-9a-f]{64}$/)]),
      bytes: z.number(),
      paths: z.array(z.string()),
    })
    .optional(),
  findings: z.array(z.string()),
  refusals: z.array(
    z.strictObject({
      host: z.string(),
      port: z.number(),
      reason: z.string(),
      command: z.string(),
      count: z.number(),
    }),
  ),
});

/** Installations in `folder`. */
export function createInstallFiles(folder: string): SavedInstalls {
  return createJsonFiles(folder, (json) => {
    const { dependencies, ...rest } = Saved.parse(json);
    return dependencies === undefined ? rest : { ...rest, dependencies };
  });
}
