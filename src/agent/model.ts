/** One message of the neutral transcript. Append-only: earlier messages never change within a run. */
export type Message =
  | { readonly role: "system" | "user"; readonly text: string }
  | { readonly role: "assistant"; readonly text: string; readonly calls: readonly ToolCall[] }
  | { readonly role: "tool"; readonly callId: string; readonly text: string };

/** `input` is the raw JSON text as the model wrote it: untrusted and possibly malformed. */
export type ToolCall = { readonly id: string; readonly tool: string; readonly input: string };

export type ToolSchema = {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the input object. */
  readonly parameters: Readonly<Record<string, unknown>>;
};

export type Usage = {
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  /** True when the server gave no usable count and this is Dunlin's own upper estimate. */
  readonly estimated: boolean;
};

export type ModelAnswer = {
  readonly text: string;
  readonly calls: readonly ToolCall[];
  readonly stop: "calls" | "end" | "length" | "refused";
  readonly usage: Usage;
};

/** An attempt that gave no answer. */
export type FailedAttempt = {
  readonly why: string;
  /** The server refused it, or was never reached: nothing can have been billed. */
  readonly isUnbilled: boolean;
  /** Until the next attempt; undefined when there is none. */
  readonly waitMs: number | undefined;
};

export type ModelRequest = {
  readonly messages: readonly Message[];
  readonly tools: readonly ToolSchema[];
  readonly maxOutputTokens: number;
};

/**
 * The language model. One `complete` is one paid answer; retries of transport faults happen inside and `onAttempt` is
 * awaited before each request leaves, so that it can be counted, `onFailedAttempt` after each that gave no answer. Throws `unavailable` when retries are used up,
 * `limit-reached/context` when the request is too long, `limit-reached/model-quota` when the account is out of funds,
 * `cancelled` on abort.
 */
export interface Model {
  readonly name: string;
  /** Host of the endpoint, for the record. */
  readonly host: string;
  /** Upper bound in tokens for what this request will be billed as input. */
  estimateInputTokens(request: ModelRequest): number;
  complete(
    request: ModelRequest,
    options: {
      readonly signal: AbortSignal;
      readonly onAttempt?: () => Promise<void>;
      readonly onFailedAttempt?: (failed: FailedAttempt) => Promise<void>;
    },
  ): Promise<ModelAnswer>;
}
