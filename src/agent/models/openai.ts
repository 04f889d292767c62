import { setTimeout as delay } from "node:timers/promises";
import OpenAI from "openai";
import { Stream } from "openai/streaming";
import { Failure } from "../../errors.ts";
import type { Model, ModelAnswer, ModelRequest } from "../model.ts";
import { boundedFetch } from "./bounded-fetch.ts";
import { assemble, BadAnswer, chatBody } from "./chat-wire.ts";
import { type Deadline, startDeadline } from "./deadline.ts";
import { classify, type Fault, transient } from "./faults.ts";

export type OpenAiOptions = {
  /** Any server with Chat Completions, e.g. `https://api.openai.com/v1`. */
  readonly baseUrl: string;
  /** May be left out for servers that need none. */
  readonly apiKey?: string;
  readonly model: string;
  /** In tokens. */
  readonly contextWindow: number;
  /** Longest silence between two parts of an answer. Default 120 s, 300 s for models that think in silence. */
  readonly idleTimeoutMs?: number;
  /** Longest single attempt. Default 900 s. */
  readonly wallTimeoutMs?: number;
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly random?: () => number;
  readonly now?: () => number;
};

const ATTEMPTS = 6;
const FIRST_DELAY_MS = 2_000;
const LONGEST_DELAY_MS = 64_000;
const LONGEST_PARKING_MS = 600_000;
/** For servers that need none: the SDK insists on one. */
const NO_KEY = "none";
const REASONING = /(^|\/)(o\d|gpt-[5-9])|reason|think/i;

/**
 * A model behind the Chat Completions API. The SDK only sends: its own retries are off, because it gives up on long
 * `Retry-After`s, repeats what can't succeed, waits forever on stalled streams and takes broken ones for whole.
 */
export function createOpenAiModel(options: OpenAiOptions): Model {
  const url = readUrl(options.baseUrl);
  const key = readKey(options.apiKey);
  const client = new OpenAI({
    baseURL: url.href.replace(/\/+$/, ""),
    apiKey: key === "" ? NO_KEY : key,
    adminAPIKey: null,
    organization: null,
    project: null,
    maxRetries: 0,
    logLevel: "off",
    // The watchdog below knows better: this one stops counting at the first byte.
    timeout: 2 * (options.wallTimeoutMs ?? 900_000),
    fetch: boundedFetch,
  });
  const connection = { client, key, host: url.host, options };
  return {
    name: options.model,
    host: url.host,
    estimateInputTokens: (request) => estimateInput(request, options.contextWindow),
    complete: (request, options) => completeWithRetries(connection, request, options),
  };
}

type Failed = Exclude<Fault, { kind: "refused" }>;

type Connection = {
  readonly client: OpenAI;
  readonly key: string;
  readonly host: string;
  readonly options: OpenAiOptions;
};

function readUrl(baseUrl: string): URL {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== "") {
    const message =
      "The model's base URL must be an http(s) address without a user name, such as https://api.openai.com/v1. Set OPENAI_BASE_URL.";
    throw new Failure("invalid-request", "model-base-url", message);
  }
  return url;
}

/** A key with a line end in it would be quoted in the error of the HTTP client. */
function readKey(apiKey: string | undefined): string {
  const key = apiKey?.trim() ?? "";
  if (/^[\x21-\x7e]*$/.test(key)) return key;
  const message = "The model's key holds characters that no key has. Set OPENAI_API_KEY again.";
  throw new Failure("invalid-request", "model-key", message);
}

async function completeWithRetries(
  connection: Connection,
  request: ModelRequest,
  { signal, onAttempt, onFailedAttempt }: Parameters<Model["complete"]>[1],
): Promise<ModelAnswer> {
  const { sleep = pause, random = Math.random } = connection.options;
  for (let attempt = 1; ; attempt += 1) {
    throwIfStopped(signal);
    await onAttempt?.();
    const outcome = await attemptOnce(connection, request, signal);
    if ("text" in outcome) return outcome;
    const next = nextAttempt(outcome, attempt, connection.host, random());
    await onFailedAttempt?.({
      ...describe(outcome),
      waitMs: typeof next === "number" ? next : undefined,
    });
    throwIfStopped(signal);
    if (typeof next !== "number") throw next;
    await sleep(next, signal);
  }
}

/** Milliseconds to wait for it, or why it makes no sense. */
function nextAttempt(
  fault: Failed,
  attempt: number,
  host: string,
  random: number,
): number | Failure {
  if (fault.kind === "fatal") return fault.failure;
  const backoffMs = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempt - 1));
  const waitMs = fault.waitMs ?? backoffMs * (0.75 + random / 2);
  if (attempt < ATTEMPTS && waitMs <= LONGEST_PARKING_MS) return waitMs;
  return givenUp(host, fault.why, attempt, waitMs);
}

/** What can never succeed was refused by its status. */
function describe(fault: Failed) {
  return fault.kind === "fatal"
    ? { why: fault.failure.message, isUnbilled: true }
    : { why: fault.why, isUnbilled: fault.isUnbilled };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => throwIfStopped(signal));
}

function throwIfStopped(signal: AbortSignal): void {
  if (!signal.aborted) return;
  throw new Failure("cancelled", "stopped", "The run was stopped while the model was working.");
}

function givenUp(host: string, why: string, attempts: number, waitMs: number): Failure {
  const wait =
    waitMs > LONGEST_PARKING_MS ? `, which asks to wait ${Math.ceil(waitMs / 1000)} s` : "";
  const message = `The model server ${host} gave no usable answer in ${attempts} attempts${wait}. Last: ${why}. Check the server and OPENAI_BASE_URL.`;
  return new Failure("unavailable", "model-unavailable", message, { details: { host, attempts } });
}

function refusal(connection: Connection, request: ModelRequest): ModelAnswer {
  const inputTokens = estimateInput(request, connection.options.contextWindow);
  const usage = { inputTokens, cachedInputTokens: 0, outputTokens: 0, estimated: true };
  return { text: "", calls: [], stop: "refused", usage };
}

async function attemptOnce(
  connection: Connection,
  request: ModelRequest,
  signal: AbortSignal,
): Promise<ModelAnswer | Failed> {
  const { model, wallTimeoutMs: wallMs = 900_000 } = connection.options;
  const idleMs = connection.options.idleTimeoutMs ?? (REASONING.test(model) ? 300_000 : 120_000);
  using deadline = startDeadline(signal, { idleMs, wallMs });
  try {
    return await readAnswer(connection, request, deadline);
  } catch (error) {
    if (deadline.cause === "idle") return transient(`nothing came for ${idleMs / 1_000} s`);
    if (deadline.cause === "wall") return transient(`no end after ${wallMs / 1_000} s`);
    const now = connection.options.now ?? Date.now;
    const fault = classify(error, connection.host, connection.key, now());
    return fault.kind === "refused" ? refusal(connection, request) : fault;
  }
}

async function readAnswer(
  connection: Connection,
  request: ModelRequest,
  deadline: Deadline,
): Promise<ModelAnswer> {
  const { client, host, options } = connection;
  // The newest models of OpenAI refuse the name that all other servers know.
  const limit = /\.openai\.com$|\.azure\.com$/.test(host) ? "max_completion_tokens" : "max_tokens";
  const body = chatBody(options.model, request, limit);
  const sent = client.chat.completions.create(body, { signal: deadline.signal });
  const response = await deadline.race(sent.asResponse());
  deadline.touch();
  const assembly = assemble();
  const chunks = chunksOf(client, response);
  for (;;) {
    const next = await deadline.race(chunks.next());
    deadline.touch();
    if (next.done) break;
    assembly.add(next.value);
  }
  // An abort by the SDK's own controller ends the stream without an error.
  deadline.signal.throwIfAborted();
  return assembly.answer({
    inputTokens: estimateInput(request, options.contextWindow),
    maxOutputTokens: request.maxOutputTokens,
  });
}

async function* chunksOf(client: OpenAI, response: Response): AsyncGenerator<unknown, void> {
  const type = response.headers.get("content-type") ?? "";
  if (type.includes("text/event-stream")) {
    yield* Stream.fromSSEResponse<unknown>(response, new AbortController(), client);
    return;
  }
  const text = await response.text();
  if (!type.includes("json")) {
    const shown = type.replace(/[^\w/+.-].*/, "") || "no type";
    throw new BadAnswer(`it sent ${shown} instead of an answer; check OPENAI_BASE_URL`);
  }
  try {
    yield JSON.parse(text);
  } catch {
    throw new BadAnswer("it sent broken JSON");
  }
}

/**
 * Generous on purpose: two ASCII characters or one other byte count as a token, where real text has three or four
 * characters a token. Never more than the window, because a longer request is refused unpaid.
 */
function estimateInput(request: ModelRequest, contextWindow: number): number {
  const bytes = new TextEncoder().encode(JSON.stringify([request.messages, request.tools]));
  let ascii = 0;
  for (const byte of bytes) if (byte < 128) ascii += 1;
  return Math.min(contextWindow, Math.ceil(ascii / 2) + (bytes.length - ascii));
}
