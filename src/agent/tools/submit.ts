import { z } from "zod";
import { toolInput } from "./tool.ts";

const shape = z.object({
  root_cause: z.string().min(1).max(4_000).describe("What was wrong and why."),
  summary: z.string().min(1).max(4_000).describe("What you changed, for the reviewer."),
  reproduction_tests: z
    .array(z.string().min(1).max(500))
    .max(50)
    .describe("Files or full names of the tests that fail without the change."),
  no_test_reason: z.string().max(2_000).optional().describe("Only if no test is possible."),
  risks: z.string().max(2_000).optional().describe("What a reviewer should look at."),
});

/** What the model says about its work; shown as its word, never used as evidence. */
export type Submission = z.output<typeof shape>;

/** Answered by the loop, not by a sandbox. */
export const submit = toolInput(
  "submit",
  "Hand in the change. It is then verified in a fresh sandbox: the new tests must fail without the change and pass with it, and the whole suite must not get worse. A rejection comes back as the result, with the reasons. Must be the last call of a turn.",
  shape,
);
