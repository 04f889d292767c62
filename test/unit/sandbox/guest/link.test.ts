import { randomBytes } from "node:crypto";
import { PassThrough } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import fc from "fast-check";
import { afterEach, expect, test, vi } from "vitest";
import { Link, type LinkOptions } from "../../../../src/sandbox/guest/link.ts";
import {
  createFrameDecoder,
  encodeFrame,
  FRAME,
  type FrameType,
} from "../../../../src/sandbox/wire/frame.ts";
import { encodeMessage, WIRE_VERSION } from "../../../../src/sandbox/wire/message.ts";
import { createReceiveWindow, decodeCredit } from "../../../../src/sandbox/wire/window.ts";

const SILENCE_MS = 1_000;
const TOKEN = new Uint8Array(randomBytes(32));
const HELLO = encodeFrame(FRAME.hello, 0, encodeMessage({ version: WIRE_VERSION }));
const ANSWER = Buffer.concat([TOKEN, HELLO]);
const keepFrame = (lifetimeMs = 60_000) =>
  encodeFrame(
    FRAME.keep,
    0,
    encodeMessage({ token: Buffer.from(TOKEN).toString("hex"), lifetimeMs }),
  );

afterEach(() => {
  vi.useRealTimers();
});

/** A guest's end whose streams check what a command's would. */
function createEnd(more: Partial<LinkOptions> = {}) {
  const input = new PassThrough();
  const output = new PassThrough();
  const left: string[] = [];
  const killed: number[] = [];
  const link = new Link({
    input,
    output,
    onOpen: (_request, channel) => {
      const window = createReceiveWindow();
      return ({ type, stream, payload }) => {
        if (type === FRAME.data) window.receive(payload.length);
        else if (type === FRAME.window) decodeCredit(payload);
        else if (type === FRAME.kill) {
          killed.push(stream);
          channel.send(FRAME.result, new Uint8Array([1]));
        }
      };
    },
    idle: async () => {},
    silenceMs: SILENCE_MS,
    leave: (reason) => left.push(reason),
    ...more,
  });
  const said = () => Buffer.from(output.read() ?? []);
  return { link, input, left, killed, said, end: () => input.destroy() };
}

/** The streams and the guest's own turn are through: turns are counted, because time depends on the machine's load. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await nextTurn();
}

/** Anything at all, and frames that are nearly right. */
const hostile = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc
    .tuple(
      fc.integer({ min: 1, max: 11 }),
      fc.integer({ min: 0, max: 6 }),
      fc.uint8Array({ maxLength: 40 }),
      fc.nat({ max: 60 }),
    )
    .map(([type, stream, payload, cut]) =>
      encodeFrame(type as FrameType, stream, payload).subarray(0, cut),
    ),
);

test("whatever a host says, a guest that isn't kept goes on or leaves with a reason", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(hostile, { maxLength: 20 }), async (chunks) => {
      const { input, left, end } = createEnd();
      for (const chunk of chunks) input.write(chunk);
      await settled();
      for (const reason of left) expect(reason).toMatch(/^The host broke the protocol: /);
      end();
    }),
    { numRuns: 300 },
  );
});

test("whatever a host has said, a kept guest answers the next one that has the token", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(hostile, { maxLength: 20 }), async (chunks) => {
      const { input, left, said, end } = createEnd();
      input.write(keepFrame());
      for (const chunk of chunks) input.write(chunk);
      await settled();
      said();
      input.write(TOKEN.subarray(0, 5));
      input.write(TOKEN.subarray(5));
      await vi.waitUntil(() => left.length > 0 || input.readableLength === 0);
      await settled();
      expect(left).toEqual([]);
      // A frame that breaks off may end with the token's own bytes and be answered: the next host looks for the token.
      expect(said().subarray(-ANSWER.length)).toEqual(ANSWER);
      input.write(encodeFrame(FRAME.ping, 0));
      await settled();
      expect(createFrameDecoder().push(said())).toMatchObject([{ type: FRAME.pong, stream: 0 }]);
      end();
    }),
    { numRuns: 200, examples: [[[encodeFrame(FRAME.ping, 0).subarray(0, 5)]]] },
  );
});

test("what ran for the last host is ended, and the next one hears nothing of it", async () => {
  const { link, input, killed, said, end } = createEnd();
  input.write(keepFrame());
  input.write(encodeFrame(FRAME.open, 1, encodeMessage({ version: 0 })));
  const tunnel = link.open(({ type, stream }) => {
    if (type === FRAME.kill) killed.push(stream);
  }, new Uint8Array(0));
  await settled();
  said();
  input.write(Buffer.concat([encodeFrame(FRAME.data, 1).subarray(0, 4), TOKEN]));
  await settled();
  expect(killed.sort()).toEqual([1, 2]);
  tunnel.send(FRAME.data, new Uint8Array(10));
  expect(tunnel.isOver()).toBe(true);
  expect(said()).toEqual(ANSWER);
  end();
});

test("the next host is answered once nothing of the last one's is going on", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { input, said, end } = createEnd({ idle: () => promise });
  input.write(keepFrame());
  input.write(TOKEN);
  await settled();
  expect(said()).toHaveLength(0);
  resolve();
  await settled();
  expect(said()).toEqual(ANSWER);
  end();
});

test("without the token nobody is answered once the wire is broken", async () => {
  const { input, said, end } = createEnd();
  input.write(keepFrame());
  input.write(new Uint8Array(100).fill(255));
  input.write(encodeFrame(FRAME.ping, 0));
  input.write(randomBytes(32));
  await settled();
  expect(said()).toHaveLength(0);
  end();
});

test("a silent host is gone: a guest leaves with it, or stays if it is kept", async () => {
  vi.useFakeTimers();
  const plain = createEnd();
  const kept = createEnd();
  kept.input.write(keepFrame(10 * SILENCE_MS));
  kept.input.write(encodeFrame(FRAME.open, 1, encodeMessage({ version: 0 })));
  await vi.advanceTimersByTimeAsync(1.5 * SILENCE_MS);
  expect(plain.left).toEqual([]); // it may have stood still itself
  await vi.advanceTimersByTimeAsync(SILENCE_MS);
  expect(plain.left).toEqual(["The host is silent."]);
  expect(kept.killed).toEqual([1]);
  expect(kept.left).toEqual([]);
  await vi.advanceTimersByTimeAsync(10 * SILENCE_MS);
  expect(kept.left).toEqual(["The sandbox's time is over."]);
});

test("a later time replaces an earlier one", async () => {
  vi.useFakeTimers();
  const { input, left } = createEnd({ silenceMs: 1e6 });
  input.write(keepFrame(1_000));
  await vi.advanceTimersByTimeAsync(500);
  input.write(keepFrame(5_000));
  await vi.advanceTimersByTimeAsync(4_000);
  expect(left).toEqual([]);
  await vi.advanceTimersByTimeAsync(1_500);
  expect(left).toEqual(["The sandbox's time is over."]);
});

test("the wire's end is the end of a guest", async () => {
  const { input, left } = createEnd();
  input.write(keepFrame());
  input.end();
  await settled();
  expect(left).toContain("The host has closed the wire.");
});
