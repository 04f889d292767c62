import { z } from "zod";

/** Under what the evidence was made. Names no host of the operator's. */
export const policy = z.strictObject({
  /** Of the sandboxes in which the matrix ran. */
  evidenceNetwork: z.literal("none"),
  /** What the set-up phase could read from. */
  setUpRegistries: z.array(z.strictObject({ name: z.string(), kind: z.string() })).readonly(),
  limits: z.record(z.string(), z.json()),
  /** Files of the base commit that say how it is installed and tested. */
  baseConfiguration: z
    .array(z.strictObject({ path: z.string(), gitBlob: z.string().regex(/^[0-9a-f]{40}$/) }))
    .readonly(),
});
export type Policy = Readonly<z.output<typeof policy>>;
