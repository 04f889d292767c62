import { randomBytes } from "node:crypto";
import { PassThrough } from "node:stream";
import { afterEach, expect, test, vi } from "vitest";
import { encodeFrame, FRAME, MAX_PAYLOAD_BYTES } from "../../../../src/sandbox/wire/frame.ts";
import { encodeMessage, WIRE_VERSION } from "../../../../src/sandbox/wire/message.ts";
import { TOKEN_BYTES } from "../../../../src/sandbox/wire/token.ts";
import { encodeCredit, WINDOW_BYTES } from "../../../../src/sandbox/wire/window.ts";
import { Connection } from "../../../../src/sandbox/wire-host/connection.ts";
import { execOverWire } from "../../../../src/sandbox/wire-host/exec.ts";
import { readEgressRequest } from "../../../../src/sandbox/wire-host/untrusted.ts";
import { createScriptedGuest } from "../../../fakes/scripted-guest.ts";

function connect(options: Parameters<typeof createScriptedGuest>[0] = {}) {
  const guest = createScriptedGuest(options);
  const connection = new Connection(guest.output, guest.input, (payload) => {
    readEgressRequest(payload);
    return () => {};
  });
  return { guest, connection };
}

const COMMAND = { argv: ["true"], cwd: "/", env: {}, timeoutMs: 1_000 };
const lost = async () => "lost" as const;
const report = (fields: object) =>
  new TextEncoder().encode(
    JSON.stringify({ end: "exit", exitCode: 0, signal: null, outOfMemory: false, ...fields }),
  );

afterEach(() => {
  vi.useRealTimers();
});

test("a guest of another version is refused", async () => {
  const { connection } = connect({ version: 99 });
  expect(await connection.closed).toContain("another version");
});

test("a guest greets once, and first", async () => {
  const twice = connect();
  twice.guest.say(FRAME.hello, 0, encodeMessage({ version: WIRE_VERSION }));
  expect(await twice.connection.closed).toContain("greeted twice");
  const output = new PassThrough();
  const early = new Connection(output, new PassThrough(), () => () => {});
  output.write(encodeFrame(FRAME.pong, 0));
  expect(await early.closed).toContain("spoke before its greeting");
});

test.each([0, 1, 2, 4_294_967_295])("nobody has opened the stream %i", async (stream) => {
  const { guest, connection } = connect();
  guest.say(FRAME.data, stream, new Uint8Array([1, 2]));
  expect(await connection.closed).toContain(`Nobody has opened the stream ${stream}`);
});

test("a guest can't open a stream again that was closed", async () => {
  const { guest, connection } = connect();
  const open = encodeMessage({ mode: "tunnel", host: "a", port: 1 });
  guest.say(FRAME.open, 4, open);
  guest.say(FRAME.open, 2, open);
  expect(await connection.closed).toContain("can't open the stream 2");
});

test("a taken-over guest's words to somebody else are not heard", async () => {
  const token = new Uint8Array(randomBytes(TOKEN_BYTES));
  const output = new PassThrough();
  const input = new PassThrough();
  const connection = new Connection(output, input, () => () => {}, token);
  expect(input.read()).toEqual(Buffer.from(token));
  const left = [encodeFrame(FRAME.data, 77, new Uint8Array(100)).subarray(0, 50), randomBytes(500)];
  const hello = encodeFrame(FRAME.hello, 0, encodeMessage({ version: WIRE_VERSION }));
  for (const part of [...left, token.subarray(0, 9), token.subarray(9), hello]) output.write(part);
  await connection.ready;
  output.write(encodeFrame(FRAME.data, 77));
  expect(await connection.closed).toContain("Nobody has opened the stream 77");
});

test.each<[string, Parameters<ReturnType<typeof createScriptedGuest>["say"]>]>([
  ["an odd stream", [FRAME.open, 3, encodeMessage({ mode: "tunnel", host: "a", port: 1 })]],
  ["stream 0", [FRAME.open, 0, encodeMessage({ mode: "tunnel", host: "a", port: 1 })]],
  ["a port that isn't one", [FRAME.open, 2, encodeMessage({ mode: "tunnel", host: "a", port: 0 })]],
  ["no JSON", [FRAME.open, 2, new Uint8Array([123, 255])]],
])("a guest that opens %s loses the connection", async (_name, frame) => {
  const { guest, connection } = connect();
  guest.say(...frame);
  expect(await connection.closed).toContain("The guest's stream broke");
});

test.each<[string, Parameters<ReturnType<typeof createScriptedGuest>["say"]>[]]>([
  [
    "more output than its credit",
    Array(5).fill([FRAME.data, 1, new Uint8Array(MAX_PAYLOAD_BYTES).fill(1)]),
  ],
  ["output of a third kind", [[FRAME.data, 1, new Uint8Array([3, 0])]]],
  ["output without its kind", [[FRAME.data, 1, new Uint8Array(0)]]],
  ["credit that it never got", [[FRAME.window, 1, encodeCredit(WINDOW_BYTES)]]],
  ["a report of another shape", [[FRAME.result, 1, report({ exitCode: "0" })]]],
  ["a signal that would be text for a page", [[FRAME.result, 1, report({ signal: "<b>" })]]],
  ["an answer meant for egress", [[FRAME.opened, 1, new Uint8Array(0)]]],
])("during a command, %s costs the connection", async (_name, frames) => {
  const { guest, connection } = connect();
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const running = execOverWire(connection, { ...COMMAND, onOutput: () => held }, lost);
  for (const frame of frames) guest.say(...frame);
  await connection.closed;
  release();
  expect((await running).end).toBe("lost");
});

test("credit for output comes back only when the caller has dealt with it", async () => {
  const { guest, connection } = connect();
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const running = execOverWire(connection, { ...COMMAND, onOutput: () => held }, lost);
  for (let sent = 0; sent < WINDOW_BYTES / 2; sent += 1024) {
    guest.say(FRAME.data, 1, new Uint8Array(1025).fill(1));
  }
  const credit = guest.hear(FRAME.window);
  const first = await Promise.race([credit, new Promise((resolve) => setImmediate(resolve))]);
  expect(first).toBeUndefined();
  release();
  expect((await credit).stream).toBe(1);
  guest.say(FRAME.result, 1, report({}));
  expect((await running).stdout).toHaveLength(WINDOW_BYTES / 2);
  connection.close("done");
});

test("a command is ended by the host when its guest lets the time pass", async () => {
  vi.useFakeTimers();
  const { guest, connection } = connect();
  const running = execOverWire(connection, COMMAND, lost);
  await guest.hear(FRAME.open);
  await vi.advanceTimersByTimeAsync(COMMAND.timeoutMs + 10_000);
  expect(await running).toMatchObject({ end: "timeout", exitCode: null });
  expect(await connection.closed).toContain("did not end a command in time");
});

test("a guest that answers no ping loses the connection, one that does keeps it", async () => {
  vi.useFakeTimers();
  const { guest, connection } = connect();
  await vi.advanceTimersByTimeAsync(0);
  for (let round = 0; round < 10; round += 1) {
    await vi.advanceTimersByTimeAsync(5_000);
    guest.say(FRAME.pong, (await guest.hear(FRAME.ping)).stream);
  }
  let reason: string | undefined;
  void connection.closed.then((text) => {
    reason = text;
  });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(reason).toBeUndefined();
  await vi.advanceTimersByTimeAsync(30_000);
  expect(reason).toContain("pings unanswered");
});

test("memory as the reason is only believed of a command that failed", async () => {
  const cases = [
    [{ outOfMemory: true, exitCode: 1 }, "oom"],
    [{ outOfMemory: true, end: "signal", exitCode: null, signal: "SIGKILL" }, "oom"],
    [{ outOfMemory: true, exitCode: 0 }, "exit"],
    [{ end: "timeout", exitCode: null, signal: "SIGKILL", outOfMemory: true }, "timeout"],
  ] as const;
  for (const [fields, end] of cases) {
    const { guest, connection } = connect();
    const running = execOverWire(connection, COMMAND, lost);
    guest.say(FRAME.result, 1, report(fields));
    expect((await running).end).toBe(end);
    connection.close("done");
  }
});

test("a guest that answers is told from one that doesn't, and from one that is gone", async () => {
  const guest = createScriptedGuest();
  const connection = new Connection(guest.output, guest.input, () => () => {});
  await connection.ready;
  const answered = connection.answer(60_000);
  await guest.hear(FRAME.ping);
  guest.say(FRAME.pong, 0);
  await answered;
  await expect(connection.answer(1)).rejects.toMatchObject({ code: "sandbox-lost" });
  const asked = connection.answer(60_000);
  guest.output.end();
  await expect(asked).rejects.toMatchObject({ code: "sandbox-lost" });
});
