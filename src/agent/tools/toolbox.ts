import { Failure } from "../../errors.ts";
import type { ToolCall, ToolSchema } from "../model.ts";
import { editFile } from "./edit-file.ts";
import { giveUp } from "./give-up.ts";
import { readFile } from "./read-file.ts";
import { runTests } from "./run-tests.ts";
import { shell } from "./shell.ts";
import { submit } from "./submit.ts";
import type { Bench, Tool, ToolOutcome, ToolResult } from "./tool.ts";
import { updatePlan } from "./update-plan.ts";
import { writeFile } from "./write-file.ts";

/** Frozen: their order and bytes stand at the start of every request, so a change throws away every prompt cache. */
export const TOOL_SCHEMAS: readonly ToolSchema[] = [
  shell.schema,
  readFile.schema,
  editFile.schema,
  writeFile.schema,
  runTests.schema,
  updatePlan.schema,
  submit.schema,
  giveUp.schema,
];

type Run = (raw: string, bench: Bench) => Promise<ToolResult & { readonly malformed?: true }>;

const RUNS: ReadonlyMap<string, Run> = new Map([
  ["shell", runOf(shell)],
  ["read_file", runOf(readFile)],
  ["edit_file", runOf(editFile)],
  ["write_file", runOf(writeFile)],
  ["run_tests", runOf(runTests)],
  ["update_plan", runOf(updatePlan)],
]);

function runOf<Input>(tool: Tool<Input>): Run {
  return async (raw, bench) => {
    const parsed = tool.parse(raw);
    if (!parsed.ok) return { text: parsed.text, malformed: true };
    return tool.run(parsed.input, bench);
  };
}

export interface Toolbox {
  /**
   * Runs one call in the sandbox. What the model did wrong is a text in the outcome; a lost sandbox
   * (`unavailable/sandbox-lost`) and a stop (`cancelled`) throw.
   */
  run(call: ToolCall, signal: AbortSignal): Promise<ToolOutcome>;
  /** Takes up what the outcomes of a resumed run had seen. Idempotent. */
  remember(outcomes: readonly ToolOutcome[]): void;
}

export function createToolbox(parts: Omit<Bench, "seen" | "signal">): Toolbox {
  const seen = new Map<string, string>();
  const remember = (outcomes: readonly Pick<ToolOutcome, "seen">[]) => {
    for (const file of outcomes.flatMap((outcome) => outcome.seen ?? [])) {
      seen.set(file.path, file.sha);
    }
  };
  return {
    async run(call, signal) {
      const run = RUNS.get(call.tool);
      if (run === undefined) return unknownTool(call);
      const result = await explainRefusals(() => run(call.input, { ...parts, seen, signal }));
      remember([result]);
      return { callId: call.id, ...result };
    },
    remember,
  };
}

function unknownTool(call: ToolCall): ToolOutcome {
  const names = TOOL_SCHEMAS.map((schema) => schema.name).join(", ");
  const text = `Error: there is no tool ${call.tool.slice(0, 100)}. The tools are: ${names}.`;
  return { callId: call.id, text, malformed: true };
}

/** A path or an argument that the sandbox refuses is for the model to correct. */
async function explainRefusals(
  run: () => Promise<ToolResult & { readonly malformed?: true }>,
): Promise<ToolResult & { readonly malformed?: true }> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof Failure && error.kind === "invalid-request") {
      return { text: `Error: ${error.message}` };
    }
    throw error;
  }
}
