import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { expect } from "vitest";
import type { ModelRequest } from "../../src/agent/model.ts";
import { createOpenAiModel, type OpenAiOptions } from "../../src/agent/models/openai.ts";
import { Failure } from "../../src/errors.ts";

export const KEY = "sk-canary-1234567890abcdef";

export type Reply = (response: ServerResponse, request: IncomingMessage, body: string) => void;

const closers: (() => void)[] = [];

/** Call after each test. */
export function closeModelServers(): void {
  for (const close of closers.splice(0)) close();
}

/** A server that plays one reply after the other and repeats the last. */
export async function serve(...replies: Reply[]) {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      bodies.push(body);
      replies[Math.min(bodies.length, replies.length) - 1]?.(response, request, body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, bodies };
}

/** A model whose waits are recorded instead of waited for. */
export function client(url: string, options: Partial<OpenAiOptions> = {}) {
  const waits: number[] = [];
  const model = createOpenAiModel({
    baseUrl: url,
    apiKey: KEY,
    model: "test-model",
    contextWindow: 32_000,
    random: () => 0.5,
    sleep: async (ms) => {
      waits.push(ms);
    },
    ...options,
  });
  return { model, waits };
}

export const request: ModelRequest = {
  messages: [
    { role: "system", text: "be brief" },
    { role: "user", text: "hello" },
    { role: "assistant", text: "", calls: [{ id: "a", tool: "shell", input: "{}" }] },
    { role: "tool", callId: "a", text: "done" },
  ],
  tools: [{ name: "shell", description: "runs", parameters: { type: "object" } }],
  maxOutputTokens: 500,
};

export const chunk = (delta: object, finish: string | null = null) => ({
  choices: [{ index: 0, delta, finish_reason: finish }],
});
export const USAGE = {
  choices: [],
  usage: {
    prompt_tokens: 1_000,
    completion_tokens: 20,
    prompt_tokens_details: { cached_tokens: 900 },
  },
};

export function stream(...chunks: (object | string)[]): Reply {
  return (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const each of chunks) {
      response.write(`data: ${typeof each === "string" ? each : JSON.stringify(each)}\n\n`);
    }
    response.end();
  };
}

export function status(
  code: number,
  error: object | string,
  headers: Record<string, string> = {},
): Reply {
  return (response) => {
    const json = typeof error === "object";
    const type = json ? "application/json" : "text/html";
    response.writeHead(code, { "content-type": type, ...headers });
    response.end(json ? JSON.stringify({ error }) : error);
  };
}

export const good = stream(
  chunk({ content: "Hel" }),
  chunk({ content: "lo" }, "stop"),
  USAGE,
  "[DONE]",
);
export const live = () => ({ signal: new AbortController().signal });

export async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Failure);
  expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(KEY);
  return error as Failure;
}
