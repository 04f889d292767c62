import type { ServerResponse } from "node:http";
import { afterEach, expect, test } from "vitest";
import { createOpenAiModel } from "../../src/agent/models/openai.ts";
import {
  chunk,
  client,
  closeModelServers,
  failureOf,
  good,
  KEY,
  live,
  type Reply,
  request,
  serve,
  status,
  stream,
} from "../fakes/model-server.ts";

afterEach(closeModelServers);

test.each([
  ["429 with Retry-After", status(429, { message: "slow" }, { "retry-after": "1" }), [1_000]],
  [
    "429 with a long Retry-After",
    status(429, { message: "slow" }, { "retry-after": "120" }),
    [120_000],
  ],
  ["429 without", status(429, { message: "slow" }), [2_000]],
  ["503 with milliseconds", status(503, { message: "busy" }, { "retry-after-ms": "250" }), [250]],
  ["500", status(500, { message: "oops" }), [2_000]],
  ["502 with HTML", status(502, "<html>bad gateway</html>"), [2_000]],
  ["a socket cut before the answer", (response: ServerResponse) => response.destroy(), [2_000]],
  [
    "a socket cut in mid-stream",
    (response: ServerResponse) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(`data: ${JSON.stringify(chunk({ content: "WRONG" }))}\n\n`, () =>
        response.destroy(),
      );
    },
    [2_000],
  ],
  ["a clean end in mid-stream", stream(chunk({ content: "WRONG" })), [2_000]],
  ["a stream that ends before it begins", stream(), [2_000]],
  ["no choices", stream({ choices: [] }, "[DONE]"), [2_000]],
  ["a chunk of another shape", stream({ hello: 1 }), [2_000]],
  ["a chunk that is no JSON", stream("{broken"), [2_000]],
  [
    "an error in the stream",
    stream(chunk({ content: "W" }), { error: { message: "overloaded", code: "server_error" } }),
    [2_000],
  ],
  [
    "an error with a status in the stream",
    stream({ error: { message: "upstream", code: 502 } }),
    [2_000],
  ],
  ["HTML with 200", status(200, "<html>hello</html>"), [2_000]],
  [
    "broken JSON with 200",
    ((response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end("{");
    }) as Reply,
    [2_000],
  ],
  ["an unknown end", stream(chunk({ content: "W" }, "error")), [2_000]],
] as [string, Reply, number[]][])(
  "%s is tried again, the partial answer dropped",
  async (_, reply, expected) => {
    const server = await serve(reply, good);
    const { model, waits } = client(server.url);
    let attempts = 0;
    const answer = await model.complete(request, {
      ...live(),
      onAttempt: async () => {
        attempts += 1;
      },
    });
    expect(answer.text).toBe("Hello");
    expect(waits).toEqual(expected);
    expect([attempts, server.bodies.length]).toEqual([2, 2]);
  },
);

test.each<[string, Reply, boolean]>([
  ["refused for its rate", status(429, { message: "slow" }), true],
  ["refused by an overloaded server", status(503, { message: "busy" }), true],
  ["lost behind a gateway", status(502, "<html>bad gateway</html>"), false],
  ["cut in the middle", stream(chunk({ content: "WRONG" })), false],
])("an attempt that was %s tells whether it can have been billed", async (_, reply, isUnbilled) => {
  const server = await serve(reply, good);
  const { model } = client(server.url);
  const failed: object[] = [];
  await model.complete(request, {
    ...live(),
    onFailedAttempt: async (attempt) => void failed.push(attempt),
  });
  expect(failed).toMatchObject([{ isUnbilled, waitMs: 2_000, why: expect.any(String) }]);
});

test("attempts that reach no server can't have been billed, the last one neither", async () => {
  const server = await serve(good);
  await closeModelServers();
  const { model } = client(server.url);
  const failed: object[] = [];
  const onFailedAttempt = async (attempt: object) => void failed.push(attempt);
  await failureOf(model.complete(request, { ...live(), onFailedAttempt }));
  expect(failed).toHaveLength(6);
  for (const attempt of failed) expect(attempt).toMatchObject({ isUnbilled: true });
  expect(failed.at(-1)).toMatchObject({ waitMs: undefined });
});

test("a date in Retry-After is honoured", async () => {
  const now = Date.parse("2026-11-23T10:00:00Z");
  const date = new Date(now + 90_000).toUTCString();
  const server = await serve(status(429, { message: "slow" }, { "retry-after": date }), good);
  const { model, waits } = client(server.url, { now: () => now });
  await model.complete(request, live());
  expect(waits).toEqual([90_000]);
});

test("six attempts with growing waits, then unavailable", async () => {
  const server = await serve(status(500, { message: `secret ${KEY}` }));
  const { model, waits } = client(server.url);
  const failure = await failureOf(model.complete(request, live()));
  expect([failure.kind, failure.code]).toEqual(["unavailable", "model-unavailable"]);
  expect(failure.message).toContain("[key]");
  expect(waits).toEqual([2_000, 4_000, 8_000, 16_000, 32_000]);
  expect(server.bodies).toHaveLength(6);
});

test("a wait of more than ten minutes is not waited for", async () => {
  const server = await serve(status(429, { message: "slow" }, { "retry-after": "3600" }));
  const { model, waits } = client(server.url);
  const failure = await failureOf(model.complete(request, live()));
  expect(failure.kind).toBe("unavailable");
  expect(failure.message).toContain("3600 s");
  expect(waits).toEqual([]);
});

test.each([
  [
    "no funds",
    status(429, { message: "You exceeded your current quota", code: "insufficient_quota" }),
    "limit-reached",
    "model-quota",
  ],
  ["payment required", status(402, { message: "add credits" }), "limit-reached", "model-quota"],
  [
    "no funds in the stream",
    stream({ error: { message: "x", code: "insufficient_quota" } }),
    "limit-reached",
    "model-quota",
  ],
  [
    "a wrong key",
    status(401, { message: `Incorrect API key provided: ${KEY}` }),
    "invalid-request",
    "model-credentials",
  ],
  [
    "a missing model",
    status(404, { message: "no such model" }),
    "invalid-request",
    "model-not-found",
  ],
  [
    "a redirect",
    status(307, "", { location: "http://127.0.0.1:1/elsewhere" }),
    "invalid-request",
    "model-not-found",
  ],
  [
    "a refused request",
    status(400, { message: `tools unsupported ${KEY}` }),
    "invalid-request",
    "model-request",
  ],
  [
    "a request too long",
    status(400, {
      message: "This model's maximum context length is 8192 tokens",
      code: "context_length_exceeded",
    }),
    "limit-reached",
    "context",
  ],
  ["a body too long", status(413, "too big"), "limit-reached", "context"],
  [
    "too long, said in the stream",
    stream({ error: { message: "prompt is too long: 9 > 8" } }),
    "limit-reached",
    "context",
  ],
] as [string, Reply, string, string][])("%s fails at once", async (_, reply, kind, code) => {
  const server = await serve(reply, good);
  const { model, waits } = client(server.url);
  const failure = await failureOf(model.complete(request, live()));
  expect([failure.kind, failure.code]).toEqual([kind, code]);
  expect(waits).toEqual([]);
  expect(server.bodies).toHaveLength(1);
});

test("a stalled stream is given up by the watchdog and tried again", async () => {
  let closed: (() => void) | undefined;
  const gone = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const stall: Reply = (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(`data: ${JSON.stringify(chunk({ content: "WRONG" }))}\n\n`);
    response.on("close", () => closed?.());
  };
  const server = await serve(stall, good);
  const { model } = client(server.url, { idleTimeoutMs: 300 });
  expect((await model.complete(request, live())).text).toBe("Hello");
  await gone;
});

test("a server that never answers is given up by the watchdog", async () => {
  const server = await serve(() => undefined);
  const { model } = client(server.url, { idleTimeoutMs: 50 });
  const failure = await failureOf(model.complete(request, live()));
  expect(failure.message).toContain("nothing came");
  expect(server.bodies).toHaveLength(6);
});

test("a slow drip ends at the wall limit", async () => {
  const drip: Reply = (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const timer = setInterval(() => {
      response.write(`data: ${JSON.stringify(chunk({ content: "." }))}\n\n`);
    }, 20);
    response.on("close", () => clearInterval(timer));
  };
  const server = await serve(drip);
  const { model } = client(server.url, { wallTimeoutMs: 200 });
  expect((await failureOf(model.complete(request, live()))).message).toContain("no end after");
});

test("an answer without end is cut, and its connection closed", async () => {
  const closed = Promise.withResolvers<void>();
  const flood: Reply = (response) => {
    response.on("close", () => closed.resolve());
    response.writeHead(200, { "content-type": "text/event-stream" });
    const piece = `data: ${JSON.stringify(chunk({ content: "x".repeat(1_000_000) }))}\n\n`;
    const pour = () => {
      while (!response.destroyed && response.write(piece));
    };
    response.on("drain", pour);
    pour();
  };
  const server = await serve(flood, good);
  const { model } = client(server.url);
  expect((await model.complete(request, live())).text).toBe("Hello");
  await closed.promise;
});

test.each(["before the headers", "in mid-stream"])("a stop %s ends at once", async (when) => {
  const controller = new AbortController();
  const server = await serve((response) => {
    if (when === "in mid-stream") {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(`data: ${JSON.stringify(chunk({ content: "W" }))}\n\n`);
    }
    setImmediate(() => controller.abort());
  });
  const { model } = client(server.url);
  const failure = await failureOf(model.complete(request, { signal: controller.signal }));
  expect(failure.kind).toBe("cancelled");
  expect(server.bodies).toHaveLength(1);
});

test("a stop while waiting for the next attempt ends at once", async () => {
  const controller = new AbortController();
  const server = await serve((response, incoming, body) => {
    status(500, { message: "oops" })(response, incoming, body);
    response.on("close", () => controller.abort());
  });
  const model = createOpenAiModel({
    baseUrl: server.url,
    model: "m",
    contextWindow: 32_000,
    random: () => 1_000,
  });
  const failure = await failureOf(model.complete(request, { signal: controller.signal }));
  expect(failure.kind).toBe("cancelled");
});

test("a stream that turns out broken is not left open", async () => {
  const closed = Promise.withResolvers<void>();
  const broken: Reply = (response) => {
    response.on("close", () => closed.resolve());
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(`data: {"hello":1}\n\n`);
  };
  const server = await serve(broken, good);
  const { model } = client(server.url);
  expect((await model.complete(request, live())).text).toBe("Hello");
  await closed.promise;
});
