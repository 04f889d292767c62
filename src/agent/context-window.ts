import type { Message, Usage } from "./model.ts";

const ELIDE_ABOVE = 0.6;
const KEPT_TOKENS = 40_000;
const KEPT_SHARE = 0.3;
const SQUEEZED_SHARE = 0.05;
const WORTHWHILE_TOKENS = 20_000;
const WORTHWHILE_SHARE = 0.1;
const SHORT_OUTPUT_CHARS = 300;

export interface Window {
  /**
   * The messages as the next request should hold them. Above 60 % of the window old tool output is left out, in large
   * batches because each one throws away the server's prompt cache. Undefined when even that doesn't make them fit.
   */
  fit(messages: readonly Message[]): readonly Message[] | undefined;
  /** Leaves out all but the newest tool output, for a server that finds the request too long; undefined: nothing left. */
  squeeze(messages: readonly Message[]): readonly Message[] | undefined;
  /** Learns how many tokens the server counts for what is estimated here. */
  observe(messages: readonly Message[], usage: Usage): void;
  maxOutputTokens(): number;
  /** Doubles the output limit, once. */
  allowLongerAnswer(): void;
}

export function openWindow(size: {
  readonly contextWindow: number;
  readonly maxOutputTokens: number;
}): Window {
  const total = size.contextWindow;
  const quarter = Math.floor(total / 4);
  let output = Math.min(size.maxOutputTokens, quarter);
  let scale = 1;
  const tokensOf = (messages: readonly Message[]) => estimateTokens(messages) * scale;
  const elide = (messages: readonly Message[], kept: number) =>
    elideOldOutput(messages, kept / scale);
  const squeeze = (messages: readonly Message[]) => elide(messages, total * SQUEEZED_SHARE);
  return {
    fit(messages) {
      let fitted = messages;
      if (tokensOf(messages) > total * ELIDE_ABOVE) {
        const shorter = elide(messages, Math.min(KEPT_TOKENS, total * KEPT_SHARE));
        const saved = tokensOf(messages) - tokensOf(shorter);
        if (saved >= Math.min(WORTHWHILE_TOKENS, total * WORTHWHILE_SHARE)) fitted = shorter;
      }
      if (tokensOf(fitted) + output > total) fitted = squeeze(fitted);
      return tokensOf(fitted) + output > total ? undefined : fitted;
    },
    squeeze(messages) {
      const shorter = squeeze(messages);
      return estimateTokens(shorter) < estimateTokens(messages) ? shorter : undefined;
    },
    observe(messages, usage) {
      if (usage.estimated || usage.inputTokens === 0) return;
      scale = Math.min(4, Math.max(0.5, usage.inputTokens / estimateTokens(messages)));
    },
    maxOutputTokens: () => output,
    allowLongerAnswer() {
      output = Math.min(size.maxOutputTokens * 2, quarter);
    },
  };
}

/** About four bytes a token, and a little for each message's frame. */
export function estimateTokens(messages: readonly Message[]): number {
  const encoder = new TextEncoder();
  let bytes = 0;
  for (const message of messages) {
    bytes += 16 + encoder.encode(message.text).length;
    if (message.role !== "assistant") continue;
    for (const call of message.calls) bytes += 32 + encoder.encode(call.input).length;
  }
  return Math.ceil(bytes / 4);
}

/** Replaces long tool output older than the newest `keptTokens` of the conversation by a note of what was there. */
export function elideOldOutput(messages: readonly Message[], keptTokens: number): Message[] {
  const tools = new Map<string, string>();
  for (const message of messages) {
    if (message.role !== "assistant") continue;
    for (const call of message.calls) tools.set(call.id, call.tool);
  }
  let newer = 0;
  const elided: Message[] = [];
  for (const message of [...messages].reverse()) {
    const old = newer > keptTokens && message.role === "tool";
    elided.push(old ? elideOutput(message, tools.get(message.callId)) : message);
    newer += estimateTokens([message]);
  }
  return elided.reverse();
}

function elideOutput(message: Message & { readonly role: "tool" }, tool = "a tool"): Message {
  if (message.text.length <= SHORT_OUTPUT_CHARS) return message;
  const lines = message.text.split("\n").length;
  return {
    ...message,
    text: `[output of ${tool} left out, ${lines} lines; call it again if needed]`,
  };
}
