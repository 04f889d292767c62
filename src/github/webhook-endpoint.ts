import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { toFailure } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Delivery } from "../webhook/parse-delivery.ts";
import { createBodyReader } from "./webhook-body.ts";

export const WEBHOOKS_PATH = "/api/github/webhooks";

export type EndpointOptions = {
  /** Finds out who signed: a function that takes the delivery in, or undefined when nobody trusted did. */
  readonly verify: (
    payload: string,
    signature: string,
  ) => Promise<((delivery: Delivery) => Promise<void>) | undefined>;
  readonly bodyTimeoutMs: number;
  readonly log: Log;
};

/** Resolves to false when the request is for another path. */
export type Endpoint = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

type Answer = { readonly status: number; readonly text: string };

// GitHub hangs up after ten seconds.
const ACCEPT_TIMEOUT_MS = 9_000;
const DELIVERY_ID = /^[\w-]{1,100}$/;
const EVENT_NAME = /^[a-z][a-z_]{1,60}$/;
const SIGNATURE = /^sha256=[0-9a-f]{64}$/;

/**
 * Acknowledges a delivery only after it was taken in durably. Probot's own middleware has no bound of size and answers
 * 202 after nine seconds whatever becomes of the delivery, so this stands in its place.
 */
export function createEndpoint(options: EndpointOptions): Endpoint {
  const readBody = createBodyReader(options.bodyTimeoutMs);
  return async (request, response) => {
    if (!isForUs(request)) return false;
    const { status, text } = await receive(request, readBody, options).catch(
      (error: unknown): Answer => {
        options.log.error({ error: toFailure(error).message }, "delivery failed");
        return { status: 500, text: "Dunlin failed on this delivery." };
      },
    );
    if (status >= 400) options.log.warn({ status, reason: text }, "delivery refused");
    // An unread rest of the body must not be taken for the next request.
    const headers = { "content-type": "text/plain", ...(request.complete ? {} : CLOSE) };
    if (!response.destroyed) response.writeHead(status, headers).end(`${text}\n`);
    return true;
  };
}

const CLOSE = { connection: "close" };

function isForUs({ url = "" }: IncomingMessage): boolean {
  return url.split("?")[0]?.replace(/\/+$/, "") === WEBHOOKS_PATH;
}

async function receive(
  request: IncomingMessage,
  readBody: ReturnType<typeof createBodyReader>,
  options: EndpointOptions,
): Promise<Answer> {
  const refusal = refuseHeaders(request);
  if (refusal !== undefined) return refusal;
  const body = await readBody(request);
  if ("status" in body) return { status: body.status, text: body.reason };
  try {
    return await take(request, body.text, options);
  } finally {
    body.release();
  }
}

function refuseHeaders({ method, headers }: IncomingMessage): Answer | undefined {
  if (method !== "POST") return { status: 405, text: "Deliveries are POST requests." };
  const isJson = /^\s*application\/json\s*(;|$)/i.test(headers["content-type"] ?? "");
  if (!isJson || headers["content-encoding"] !== undefined) {
    return { status: 415, text: "Set the webhook's content type to application/json." };
  }
  if (
    !EVENT_NAME.test(header(headers["x-github-event"])) ||
    headers["x-github-event"] === "error"
  ) {
    return { status: 400, text: "X-GitHub-Event is missing or malformed." };
  }
  if (!DELIVERY_ID.test(header(headers["x-github-delivery"]))) {
    return { status: 400, text: "X-GitHub-Delivery is missing or malformed." };
  }
  if (!SIGNATURE.test(header(headers["x-hub-signature-256"]))) {
    return { status: 401, text: "X-Hub-Signature-256 is missing or malformed." };
  }
  return undefined;
}

async function take(
  { headers }: IncomingMessage,
  body: string,
  { verify, log }: EndpointOptions,
): Promise<Answer> {
  const takeIn = await verify(body, header(headers["x-hub-signature-256"]));
  if (takeIn === undefined) {
    return { status: 401, text: "The signature doesn't fit. Compare the webhook's secret." };
  }
  const payload = parse(body);
  if (payload === undefined) return { status: 400, text: "The delivery is not a JSON object." };
  if (!isPlain(payload)) return { status: 200, text: "ignored" };
  const id = header(headers["x-github-delivery"]);
  try {
    const timeout = new AbortController();
    const late = delay(ACCEPT_TIMEOUT_MS, undefined, { signal: timeout.signal }).then(() => {
      throw new Error("storing takes too long");
    });
    late.catch(() => {});
    const taken = takeIn({ id, event: header(headers["x-github-event"]), payload });
    await Promise.race([taken, late]).finally(() => timeout.abort());
    return { status: 200, text: "ok" };
  } catch (error) {
    log.error({ delivery: id, error: toFailure(error).message }, "delivery not stored");
    return { status: 503, text: "The delivery could not be stored. Redeliver it later." };
  }
}

function parse(body: string): object | undefined {
  try {
    const payload: unknown = JSON.parse(body);
    return typeof payload === "object" && payload !== null ? payload : undefined;
  } catch {
    return undefined;
  }
}

/** Probot fails on an installation without a proper id before it asks us; nothing follows from such a payload. */
function isPlain(payload: object): boolean {
  if (!("installation" in payload)) return true;
  const { installation } = payload;
  if (typeof installation !== "object" || installation === null) return installation === null;
  return "id" in installation && Number.isSafeInteger(installation.id);
}

function header(value: string | string[] | undefined): string {
  return typeof value === "string" ? value : "";
}
