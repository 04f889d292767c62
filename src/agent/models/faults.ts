import { APIConnectionError, APIError } from "openai";
import { Failure } from "../../errors.ts";
import { BadAnswer } from "./chat-wire.ts";

/** What went wrong with one attempt, without any of the caller's secrets. */
export type Fault =
  | { readonly kind: "fatal"; readonly failure: Failure }
  /** Worth another attempt, after `waitMs` when the server said so. */
  | {
      readonly kind: "transient";
      readonly why: string;
      readonly waitMs?: number;
      readonly isUnbilled: boolean;
    }
  /** The server's filter refused; an answer like any other. */
  | { readonly kind: "refused" };

// The words of OpenAI, Anthropic, Bedrock, Gemini, xAI, Groq, OpenRouter, llama.cpp, LM Studio, vLLM, Mistral and Kimi.
const TOO_LONG = [
  /context[ _]length[ _]exceeded/i,
  /maximum (context|prompt|model) length/i,
  /context (window|length|size)/i,
  /(prompt|input|request)( is|_)? ?too (long|large)/i,
  /request_too_large/i,
  /input (token count|length).*exceed/i,
  /reduce the length of the (messages|input)/i,
  /exceeds? the (maximum|limit|available)[^.]*(token|context|input|length|\d)/i,
  /exceeded model token limit/i,
  /max_model_len/i,
];
const OUT_OF_FUNDS =
  /insufficient_(quota|credits|balance)|billing|credit balance|exceeded your current quota|payment required/i;
const TRANSIENT_CODES = /rate_limit|overloaded|server_error|internal|timeout|unavailable|capacity/i;

const NEVER_CONNECTED =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ENOENT|.*CERT.*)$/;

/** `secret` is removed from every text that goes on. */
export function classify(error: unknown, host: string, secret: string, nowMs: number): Fault {
  if (error instanceof BadAnswer) return transient(error.message);
  if (error instanceof APIConnectionError || !(error instanceof APIError)) {
    const reason = reasonOf(error);
    return transient(`the connection failed (${reason})`, NEVER_CONNECTED.test(reason));
  }
  const said = saidBy(error, secret);
  const status = statusOf(error);
  if (`${error.code} ${error.type}`.includes("content_filter")) return { kind: "refused" };
  if (status === 402 || (status !== 400 && OUT_OF_FUNDS.test(said))) {
    const message = `The account at ${host} is out of funds: ${said}. Add funds or use another key, then start the run again.`;
    return fatal("limit-reached", "model-quota", message);
  }
  if (status === undefined) return streamFault(said);
  if (status === 429 || status === 408 || status === 409 || status === 425 || status >= 500) {
    const waitMs = retryAfterMs(error.headers, nowMs);
    const refused = transient(`status ${status}: ${said}`, isRefusal(error.status));
    return { ...refused, ...(waitMs === undefined ? {} : { waitMs }) };
  }
  return requestFault(status, said, host);
}

/** An error inside of a stream that had begun well. */
function streamFault(said: string): Fault {
  if (isTooLong(said)) return tooLong(said);
  return transient(said);
}

/** Unless it is certain that nothing was, it counts as billed. */
export function transient(why: string, isUnbilled = false) {
  return { kind: "transient" as const, why, isUnbilled };
}

/** Of the whole answer; a gateway's 502 or 504 may hide an answer that was made. */
function isRefusal(status: number | undefined): boolean {
  return status !== undefined && (status < 500 || status === 503 || status === 529);
}

function requestFault(status: number, said: string, host: string): Fault {
  if (status === 401 || status === 403) {
    const message = `The model server ${host} refused the key (status ${status}: ${said}). Check OPENAI_API_KEY and OPENAI_BASE_URL.`;
    return fatal("invalid-request", "model-credentials", message);
  }
  if (status === 404 || (status >= 300 && status < 400)) {
    const message = `The model server ${host} doesn't know this model or address (status ${status}: ${said}). Check DUNLIN_MODEL and OPENAI_BASE_URL, which usually ends with /v1.`;
    return fatal("invalid-request", "model-not-found", message);
  }
  if (status === 413 || isTooLong(said)) return tooLong(said);
  const message = `The model server ${host} refused the request (status ${status}: ${said}). Check that the model supports tool calls through Chat Completions.`;
  return fatal("invalid-request", "model-request", message);
}

function isTooLong(said: string): boolean {
  return TOO_LONG.some((pattern) => pattern.test(said));
}

function tooLong(said: string): Fault {
  const message = `The conversation is too long for the model: ${said}.`;
  return fatal("limit-reached", "context", message);
}

function fatal(kind: Failure["kind"], code: string, message: string): Fault {
  return { kind: "fatal", failure: new Failure(kind, code, message) };
}

/** Some routers send the status as the code of an error inside a stream. */
function statusOf(error: APIError): number | undefined {
  if (error.status !== undefined) return error.status;
  const code = Number(error.code);
  if (Number.isInteger(code) && code >= 400 && code < 600) return code;
  const names = `${error.code} ${error.type}`;
  if (/rate_limit/i.test(names)) return 429;
  return TRANSIENT_CODES.test(names) ? 503 : undefined;
}

function saidBy(error: APIError, secret: string): string {
  const parts = [error.code, error.type, error.message].filter((part) => typeof part === "string");
  return redact(parts.join(" "), secret).replace(/\s+/g, " ").replace(/\.$/, "").slice(0, 300);
}

/** The key must not come back from a server that repeats it. */
export function redact(text: string, secret: string): string {
  return secret.length < 4 ? text : text.replaceAll(secret, "[key]");
}

/** Only the names of a system's error: its text may hold the request. */
function reasonOf(error: unknown): string {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if ("code" in cause && typeof cause.code === "string") return cause.code;
  }
  return error instanceof Error ? error.name : "unknown";
}

function retryAfterMs(headers: Headers | undefined, nowMs: number): number | undefined {
  const exact = Number(headers?.get("retry-after-ms") ?? Number.NaN);
  if (exact >= 0) return exact;
  const said = headers?.get("retry-after");
  if (said === null || said === undefined || said === "") return undefined;
  const seconds = Number(said);
  if (seconds >= 0) return seconds * 1_000;
  const date = Date.parse(said);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}
