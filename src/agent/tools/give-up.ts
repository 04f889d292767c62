import { z } from "zod";
import { toolInput } from "./tool.ts";

const shape = z.object({
  kind: z.enum(["cannot_reproduce", "needs_info", "spec_conflict", "blocked"]),
  question: z
    .string()
    .min(1)
    .max(4_000)
    .describe("What you found, and the question a maintainer should answer."),
});

export type GivingUp = z.output<typeof shape>;

/** Answered by the loop, not by a sandbox. */
export const giveUp = toolInput(
  "give_up",
  "End the work without a change and ask a maintainer. An honest question is better than a change you don't believe in. Use spec_conflict when an existing test contradicts the issue.",
  shape,
);
