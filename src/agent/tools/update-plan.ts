import { z } from "zod";
import { type PlanStep, type Tool, toolInput } from "./tool.ts";

const input = toolInput(
  "update_plan",
  "Record or change your plan. People see it in the issue. Use it for work of several steps; keep one step in progress.",
  z.object({
    steps: z
      .array(
        z.object({
          text: z.string().min(1).max(200),
          status: z.enum(["pending", "in_progress", "completed"]),
        }),
      )
      .min(1)
      .max(20),
    explanation: z.string().max(500).optional().describe("Why the plan changed."),
  }),
);

export const updatePlan: Tool<{ steps: PlanStep[] }> = {
  ...input,
  async run({ steps }) {
    return { text: "The plan is recorded.", plan: steps };
  },
};
