import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { Watch } from "../watch.ts";
import { type Api, answerApi, errorAnswer } from "./api.ts";
import { type Fault, Faults, faultBody } from "./faults.ts";
import { type GitRequest, keepUnserved, readGitRequest, serveGit } from "./git-http.ts";
import type { RecordedRequest } from "./journal.ts";
import { Refusal } from "./refusal.ts";
import type { Answer } from "./route.ts";

const BODY_LIMIT = 100 * 1024 * 1024;

/** The front door: records each request, applies a fault, and hands it to git or to the API. */
export class FrontDoor {
  readonly requests: RecordedRequest[] = [];
  readonly faults = new Faults();
  /** Changes when a request arrives, when its body is there and when it is answered. */
  readonly watch = new Watch();
  readonly #server: Server;
  readonly #open = new Set<Promise<void>>();
  #api: Api | undefined;

  constructor() {
    this.#server = createServer((request, response) => {
      const handled = this.#handle(request, response).finally(() => this.#open.delete(handled));
      this.#open.add(handled);
    });
    this.#server.requestTimeout = 0; // a push may take its time
    this.#server.keepAliveTimeout = 120_000; // no reset on a connection that a client is about to use again
  }

  /** Gives the address; port 0 takes a free one. */
  async listen(host: string, port: number): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject).listen(port, host, resolve);
    });
    const { port: actual } = this.#server.address() as AddressInfo;
    return `http://${host.includes(":") ? `[${host}]` : host}:${actual}`;
  }

  serve(api: Api): void {
    this.#api = api;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
    await Promise.all(this.#open);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const record = recordOf(request);
    this.requests.push(record);
    this.watch.changed();
    request.on("error", () => {}); // a client that goes away; what it sent is on record
    try {
      if (!this.#api) throw new Refusal(503, "stand-in: not ready");
      await this.#answer(this.#api, request, response, record);
    } catch (error) {
      send(response, record, errorAnswer(toRefusal(error)));
    } finally {
      record.status ??= 0;
      this.watch.changed();
    }
  }

  async #answer(
    api: Api,
    request: IncomingMessage,
    response: ServerResponse,
    record: RecordedRequest,
  ): Promise<void> {
    const url = new URL(record.path.replace(/^\/api\/v3(?=\/)/, ""), api.world.url);
    const git = readGitRequest(url);
    if (!git) await this.#receive(request, record);
    const fault = this.faults.take(record.method, record.path);
    if (fault?.delayMs)
      await delay(fault.delayMs, undefined, { signal: gone(response) }).catch(() => {});
    if (git) return answerGit(api, git, request, response, record, fault);
    if (fault?.status) return send(response, record, faultAnswer(fault));
    const answer = await answerApi(api, url, record).catch((error) =>
      errorAnswer(toRefusal(error)),
    );
    if (fault?.loseAnswer) response.destroy();
    else send(response, record, answer);
  }

  async #receive(request: IncomingMessage, record: RecordedRequest): Promise<void> {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of request) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > BODY_LIMIT) throw new Refusal(413, "stand-in: the body is larger than 100 MiB");
    }
    record.body = Buffer.concat(chunks);
    this.watch.changed();
  }
}

function recordOf(request: IncomingMessage): RecordedRequest {
  return {
    method: request.method ?? "",
    path: request.url ?? "",
    headers: request.headers,
    auth: "none",
    operation: undefined,
    body: Buffer.alloc(0),
    bodyFile: undefined,
    status: undefined,
  };
}

async function answerGit(
  api: Api,
  git: GitRequest,
  request: IncomingMessage,
  response: ServerResponse,
  record: RecordedRequest,
  fault: Fault | undefined,
): Promise<void> {
  record.operation = git.service;
  const lose = fault?.loseAnswer ?? false;
  try {
    if (!fault?.status) return await serveGit(api.world, git, request, response, record, lose);
    await keepUnserved(api.world, request, record);
    send(response, record, faultAnswer(fault));
  } catch (error) {
    const refusal = toRefusal(error);
    if (!record.bodyFile) await keepUnserved(api.world, request, record);
    const challenge = { "www-authenticate": 'Basic realm="GitHub"' };
    const bytes = `${refusal.message}\n`;
    send(response, record, {
      status: refusal.status,
      raw: { mediaType: "text/plain; charset=utf-8", bytes },
      headers: refusal.status === 401 ? challenge : {},
    });
  }
}

function faultAnswer(fault: Fault): Answer {
  const headers = fault.retryAfter === undefined ? {} : { "retry-after": String(fault.retryAfter) };
  return { status: fault.status ?? 500, body: faultBody(fault), headers };
}

function send(response: ServerResponse, record: RecordedRequest, answer: Answer): void {
  if (response.headersSent || response.destroyed) {
    response.destroy(); // an answer that broke off half-way must not look whole
    return;
  }
  record.status = answer.status;
  const { raw, body, headers = {} } = answer;
  const bytes = raw?.bytes ?? (body === undefined ? "" : JSON.stringify(body));
  const mediaType = raw?.mediaType ?? "application/json; charset=utf-8";
  response.writeHead(answer.status, {
    ...headers,
    ...(bytes === "" ? {} : { "content-type": mediaType }),
    "content-length": Buffer.byteLength(bytes),
    "x-github-media-type": "github.v3; format=json",
    "x-github-request-id": randomUUID(),
  });
  response.end(bytes);
}

/** A fault of the stand-in itself is a 500 that says so. */
function toRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  return new Refusal(500, `stand-in: ${error instanceof Error ? error.stack : String(error)}`);
}

function gone(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once("close", () => controller.abort());
  return controller.signal;
}
