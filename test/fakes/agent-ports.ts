import {
  AGENT_LIMITS,
  type AgentPorts,
  type AgentTask,
  type VerifyReply,
} from "../../src/agent/loop.ts";
import type { ModelAnswer, ModelRequest, ToolCall } from "../../src/agent/model.ts";
import type { ToolOutcome } from "../../src/agent/tools/tool.ts";
import { TOOL_SCHEMAS } from "../../src/agent/tools/toolbox.ts";

export const agentTask: AgentTask = {
  opening: [
    { role: "system", text: "system" },
    { role: "user", text: "project" },
    { role: "user", text: "issue" },
  ],
  tools: TOOL_SCHEMAS,
  limits: { ...AGENT_LIMITS, contextWindow: 100_000 },
};

export const submission = { root_cause: "r", summary: "s", reproduction_tests: ["t"] };

/** An answer that calls these tools; an input that is a string is sent as it is. */
export function calling(...calls: readonly (readonly [string, unknown])[]): ModelAnswer {
  return {
    text: "",
    calls: calls.map(([tool, input], index) => ({
      id: `c${index}`,
      tool,
      input: typeof input === "string" ? input : JSON.stringify(input),
    })),
    stop: calls.length > 0 ? "calls" : "end",
    usage: { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, estimated: true },
  };
}

export function saying(text: string, stop: ModelAnswer["stop"] = "end"): ModelAnswer {
  return { ...calling(), text, stop };
}

/** Ports that play `answers` (the last one for ever), run no tool, and record what they were asked. */
export function scriptedPorts(
  answers: readonly (ModelAnswer | Error)[],
  more: {
    readonly act?: (call: ToolCall, turn: number) => Omit<ToolOutcome, "callId">;
    readonly inbox?: (turn: number) => readonly string[];
    readonly replies?: readonly VerifyReply[];
  } = {},
) {
  const requests: ModelRequest[] = [];
  const acted: ToolCall[] = [];
  const submissions: unknown[] = [];
  const ports: AgentPorts = {
    ask: async (_turn, request) => {
      requests.push(request);
      const answer = answers[Math.min(requests.length, answers.length) - 1];
      if (answer === undefined || answer instanceof Error) throw answer ?? new Error("no answer");
      return answer;
    },
    act: async (turn, calls) => {
      acted.push(...calls);
      const run = more.act ?? (() => ({ text: `done ${acted.length}` }));
      return calls.map((call) => ({ callId: call.id, ...run(call, turn) }));
    },
    inbox: async (turn) => more.inbox?.(turn) ?? [],
    verify: async (attempt, submitted) => {
      submissions.push(submitted);
      return more.replies?.[attempt - 1] ?? { accepted: true };
    },
  };
  return { ports, requests, acted, submissions };
}
