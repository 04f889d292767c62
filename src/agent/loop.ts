import { toFailure } from "../errors.ts";
import { openWindow, type Window } from "./context-window.ts";
import type { Message, ModelAnswer, ModelRequest, ToolCall, ToolSchema } from "./model.ts";
import { instructionText, WRAP_UP } from "./prompt.ts";
import { type StopReason, type StopRules, watchForStops } from "./stop-rules.ts";
import { type GivingUp, giveUp } from "./tools/give-up.ts";
import { type Submission, submit } from "./tools/submit.ts";
import { parseObject, type ToolOutcome } from "./tools/tool.ts";

export type AgentLimits = {
  /** Model answers. */
  readonly turns: number;
  /** Before this turn the model is told once to come to an end. */
  readonly wrapUpAtTurn: number;
  /** Rejected submissions that the model may answer with another; one more ends the loop. */
  readonly submitRejections: number;
  /** In tokens. */
  readonly contextWindow: number;
  readonly maxOutputTokens: number;
};

export const AGENT_LIMITS: Omit<AgentLimits, "contextWindow"> = {
  turns: 80,
  wrapUpAtTurn: 60,
  submitRejections: 2,
  maxOutputTokens: 16_384,
};

export type AgentTask = {
  /** System text, project and task; the same for every request of a run. */
  readonly opening: readonly Message[];
  readonly tools: readonly ToolSchema[];
  readonly limits: AgentLimits;
};

export type VerifyReply =
  | { readonly accepted: true }
  | { readonly accepted: false; readonly report: string };

/**
 * Everything that isn't decided by the loop itself, so that the caller can make each step durable: called again with
 * the same arguments after a crash, each must give the same answer. `turn` and `attempt` count from 1.
 */
export type AgentPorts = {
  /** A `limit-reached` failure ends the loop with its code; everything else thrown passes through. */
  ask(turn: number, request: ModelRequest): Promise<ModelAnswer>;
  /** Runs the calls one after the other; never gets `submit` or `give_up`. */
  act(turn: number, calls: readonly ToolCall[]): Promise<readonly ToolOutcome[]>;
  /** Instructions by people that came since the last turn. */
  inbox(turn: number): Promise<readonly string[]>;
  verify(attempt: number, submission: Submission): Promise<VerifyReply>;
};

export type AgentEnd = { readonly turns: number } & (
  | {
      readonly kind: "submitted";
      readonly accepted: boolean;
      readonly attempt: number;
      readonly submission: Submission;
    }
  | { readonly kind: "gave-up"; readonly why: GivingUp["kind"]; readonly question: string }
  /** `which` is `turns`, `context` or the code of the failure that `ask` threw. */
  | { readonly kind: "limit"; readonly which: string; readonly message: string }
  | { readonly kind: "stuck"; readonly why: StopReason; readonly message: string }
);

type End = AgentEnd extends infer Each
  ? Each extends unknown
    ? Omit<Each, "turns">
    : never
  : never;

type Loop = {
  readonly task: AgentTask;
  readonly ports: AgentPorts;
  readonly rules: StopRules;
  readonly window: Window;
  messages: readonly Message[];
  submissions: number;
};

/**
 * One linear, append-only conversation until the model submits, gives up, or a limit is reached. It has no clock, ids
 * or randomness of its own: the same answers of the ports give the same transcript, byte for byte.
 */
export async function runAgent(task: AgentTask, ports: AgentPorts): Promise<AgentEnd> {
  const loop: Loop = {
    task,
    ports,
    rules: watchForStops(),
    window: openWindow(task.limits),
    messages: task.opening,
    submissions: 0,
  };
  for (let turn = 1; turn <= task.limits.turns; turn += 1) {
    const end = await takeTurn(loop, turn);
    if (end !== undefined) return { ...end, turns: turn };
  }
  const message = `The model didn't finish within ${task.limits.turns} turns.`;
  return { kind: "limit", which: "turns", message, turns: task.limits.turns };
}

async function takeTurn(loop: Loop, turn: number): Promise<End | undefined> {
  const texts = (await loop.ports.inbox(turn)).map(instructionText);
  if (turn === loop.task.limits.wrapUpAtTurn) texts.push(WRAP_UP);
  append(loop, ...texts.map((text) => ({ role: "user" as const, text })));
  const answer = await ask(loop, turn);
  if ("kind" in answer) return answer;
  const advice = loop.rules.afterAnswer(answer);
  if (advice.kind === "stop") return stuck(advice);
  if (advice.kind === "nudge") {
    const text = answer.text.trim() === "" ? "(no answer)" : answer.text;
    append(loop, { role: "assistant", text, calls: [] }, { role: "user", text: advice.text });
    if (answer.stop === "length") loop.window.allowLongerAnswer();
    return undefined;
  }
  return runCalls(loop, turn, answer);
}

async function ask(loop: Loop, turn: number): Promise<ModelAnswer | End> {
  let fitted = loop.window.fit(loop.messages);
  for (let hard = false; fitted !== undefined; hard = true) {
    loop.messages = fitted;
    try {
      const answer = await loop.ports.ask(turn, requestOf(loop));
      loop.window.observe(loop.messages, answer.usage);
      return answer;
    } catch (error) {
      const failure = toFailure(error);
      if (failure.kind !== "limit-reached") throw error;
      const end = { kind: "limit", which: failure.code, message: failure.message } as const;
      if (failure.code !== "context" || hard) return end;
      fitted = loop.window.squeeze(loop.messages);
    }
  }
  const message = "The conversation no longer fits into the model's context window.";
  return { kind: "limit", which: "context", message };
}

function requestOf(loop: Loop): ModelRequest {
  return {
    messages: loop.messages,
    tools: loop.task.tools,
    maxOutputTokens: loop.window.maxOutputTokens(),
  };
}

async function runCalls(loop: Loop, turn: number, answer: ModelAnswer): Promise<End | undefined> {
  // Some servers refuse a history with malformed arguments, so those are replayed as an empty object.
  const replayed = answer.calls.map((call) =>
    parseObject(call.input) === undefined ? { ...call, input: "{}" } : call,
  );
  append(loop, { role: "assistant", text: answer.text, calls: replayed });
  const last = answer.calls.findIndex((call) => call.tool === "submit" || call.tool === "give_up");
  const acting = last < 0 ? answer.calls : answer.calls.slice(0, last);
  const acted = acting.length === 0 ? [] : await loop.ports.act(turn, acting);
  const outcomes = acting.map((call) => outcomeOf(acted, call));
  const closing = answer.calls[last];
  if (closing !== undefined) {
    const closed = await close(loop, closing);
    if ("kind" in closed) return closed;
    outcomes.push(closed, ...answer.calls.slice(last + 1).map(skipped));
  }
  append(loop, ...outcomes.map(({ callId, text }) => ({ role: "tool" as const, callId, text })));
  const advice = loop.rules.afterCalls(answer.calls, outcomes);
  if (advice.kind === "stop") return stuck(advice);
  if (advice.kind === "nudge") append(loop, { role: "user", text: advice.text });
  return undefined;
}

/** Every call needs an answer, or the next request is refused. */
function outcomeOf(outcomes: readonly ToolOutcome[], call: ToolCall): ToolOutcome {
  const found = outcomes.find((outcome) => outcome.callId === call.id);
  return found ?? { callId: call.id, text: "Error: the call was interrupted and has no result." };
}

function skipped(call: ToolCall): ToolOutcome {
  const text = "Not run: submit and give_up must be the last call of a turn.";
  return { callId: call.id, text };
}

async function close(loop: Loop, call: ToolCall): Promise<End | ToolOutcome> {
  if (call.tool === "give_up") {
    const parsed = giveUp.parse(call.input);
    if (!parsed.ok) return { callId: call.id, text: parsed.text, malformed: true };
    return { kind: "gave-up", why: parsed.input.kind, question: parsed.input.question };
  }
  const parsed = submit.parse(call.input);
  if (!parsed.ok) return { callId: call.id, text: parsed.text, malformed: true };
  loop.submissions += 1;
  const attempt = loop.submissions;
  const submission = parsed.input;
  const reply = await loop.ports.verify(attempt, submission);
  if (reply.accepted || attempt > loop.task.limits.submitRejections) {
    return { kind: "submitted", accepted: reply.accepted, attempt, submission };
  }
  return { callId: call.id, text: reply.report };
}

function append(loop: Loop, ...messages: readonly Message[]): void {
  loop.messages = [...loop.messages, ...messages];
}

function stuck(advice: { readonly why: StopReason; readonly text: string }): End {
  return { kind: "stuck", why: advice.why, message: advice.text };
}
