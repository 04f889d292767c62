import { afterEach, expect, test } from "vitest";
import { Failure } from "../../src/errors.ts";
import {
  chunk,
  client,
  closeModelServers,
  failureOf,
  good,
  KEY,
  live,
  request,
  serve,
  status,
  stream,
  USAGE,
} from "../fakes/model-server.ts";

afterEach(closeModelServers);

test("a streamed answer is put together with its usage", async () => {
  const server = await serve(good);
  const { model } = client(server.url);
  expect(await model.complete(request, live())).toEqual({
    text: "Hello",
    calls: [],
    stop: "end",
    usage: { inputTokens: 1_000, cachedInputTokens: 900, outputTokens: 20, estimated: false },
  });
});

test("the request holds the whole transcript, the same bytes every time", async () => {
  const server = await serve(good);
  const { model } = client(server.url);
  await model.complete(request, live());
  await model.complete(structuredClone(request), live());
  expect(server.bodies[0]).toBe(server.bodies[1]);
  expect(JSON.parse(server.bodies[0] ?? "")).toEqual({
    model: "test-model",
    messages: [
      { role: "system", content: "be brief" },
      { role: "user", content: "hello" },
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "a", type: "function", function: { name: "shell", arguments: "{}" } }],
      },
      { role: "tool", tool_call_id: "a", content: "done" },
    ],
    tools: [
      {
        type: "function",
        function: { name: "shell", description: "runs", parameters: { type: "object" } },
      },
    ],
    max_tokens: 500,
    stream: true,
    stream_options: { include_usage: true },
  });
});

test("tool calls in pieces, several at once, with and without index and id", async () => {
  const call = (index: number | undefined, id: string | undefined, name: string, input: string) =>
    chunk({ tool_calls: [{ index, id, function: { name, arguments: input } }] });
  const server = await serve(
    stream(
      call(0, "x", "shell", '{"comm'),
      call(1, "y", "read_file", ""),
      call(0, undefined, "", 'and":"ls"}'),
      call(1, undefined, "", '{"path":"a"}'),
      chunk({}, "tool_calls"),
      "[DONE]",
    ),
    stream(
      call(undefined, "x", "shell", "{}"),
      call(undefined, "x2", "shell", '{"a":'),
      call(undefined, undefined, "", "1}"),
      chunk({}, "stop"),
    ),
    stream(call(0, "", "shell", "{}"), call(1, "", "shell", "{}"), chunk({}, "stop")),
  );
  const { model } = client(server.url);
  const first = await model.complete(request, live());
  expect(first.stop).toBe("calls");
  expect(first.calls).toEqual([
    { id: "x", tool: "shell", input: '{"command":"ls"}' },
    { id: "y", tool: "read_file", input: '{"path":"a"}' },
  ]);
  const second = await model.complete(request, live());
  expect(second.calls.map((each) => [each.id, each.input])).toEqual([
    ["x", "{}"],
    ["x2", '{"a":1}'],
  ]);
  const third = await model.complete(request, live());
  expect(third.calls.map((each) => each.id)).toEqual(["call_0", "call_1"]);
});

test("cut arguments and the output limit are passed on as they are", async () => {
  const cut = {
    tool_calls: [{ index: 0, id: "x", function: { name: "shell", arguments: '{"a' } }],
  };
  const server = await serve(
    stream(chunk(cut), chunk({}, "length")),
    stream(chunk(cut, "tool_calls")),
  );
  const { model } = client(server.url);
  const long = await model.complete(request, live());
  expect([long.stop, long.calls[0]?.input]).toEqual(["length", '{"a']);
  const bad = await model.complete(request, live());
  expect([bad.stop, bad.calls[0]?.input]).toEqual(["calls", '{"a']);
});

test.each([
  ["content_filter", stream(chunk({ content: "" }, "content_filter"))],
  ["a refusal", stream(chunk({ refusal: "I can't" }, "stop"))],
  ["a filter error", status(400, { message: "filtered", code: "content_filter" })],
])("%s is the answer `refused`", async (_, reply) => {
  const server = await serve(reply);
  const { model } = client(server.url);
  expect((await model.complete(request, live())).stop).toBe("refused");
  expect(server.bodies).toHaveLength(1);
});

test("without usage the upper estimate is charged", async () => {
  const server = await serve(
    stream(chunk({ content: "Hi" }, "stop"), { choices: [], usage: null }, "[DONE]"),
  );
  const { model } = client(server.url);
  const { usage } = await model.complete(request, live());
  expect(usage).toEqual({
    inputTokens: model.estimateInputTokens(request),
    cachedInputTokens: 0,
    outputTokens: 500,
    estimated: true,
  });
});

test("a server that doesn't stream is understood", async () => {
  const server = await serve((response) => {
    response.writeHead(200, { "content-type": "application/json; charset=utf-8" });
    const message = {
      content: null,
      tool_calls: [{ id: "x", function: { name: "shell", arguments: "{}" } }],
    };
    response.end(
      JSON.stringify({ choices: [{ message, finish_reason: "tool_calls" }], usage: USAGE.usage }),
    );
  });
  const { model } = client(server.url);
  const answer = await model.complete(request, live());
  expect([answer.stop, answer.calls.length, answer.usage.estimated]).toEqual(["calls", 1, false]);
});

test("an attempt that may not be made is not sent", async () => {
  const server = await serve(good);
  const { model } = client(server.url);
  const refused = new Failure("limit-reached", "run-cost", "The budget is used up.");
  const work = model.complete(request, {
    ...live(),
    onAttempt: async () => {
      throw refused;
    },
  });
  await expect(work).rejects.toBe(refused);
  expect(server.bodies).toHaveLength(0);
});

test("the key goes into the header only, and none is needed", async () => {
  const keys: (string | undefined)[] = [];
  const server = await serve((response, incoming, body) => {
    keys.push(incoming.headers.authorization);
    good(response, incoming, body);
  });
  await client(server.url, { apiKey: `${KEY}\n` }).model.complete(request, live());
  await client(server.url, { apiKey: "" }).model.complete(request, live());
  expect(keys).toEqual([`Bearer ${KEY}`, "Bearer none"]);
  expect(server.bodies.join()).not.toContain(KEY);
});

test.each([
  ["a broken key", { apiKey: `${KEY}\n${KEY}` }],
  ["a base URL with a password", { baseUrl: `https://me:${KEY}@example.com/v1` }],
  ["no base URL", { baseUrl: "" }],
])("%s is refused before anything is sent, without being quoted", async (_, options) => {
  const make = async () => client("http://127.0.0.1:1/v1", options);
  expect((await failureOf(make())).kind).toBe("invalid-request");
});
