import { PassThrough } from "node:stream";
import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeFrame, FRAME, type FrameType } from "../../../../src/sandbox/wire/frame.ts";
import { encodeMessage, WIRE_VERSION } from "../../../../src/sandbox/wire/message.ts";
import { encodeCredit } from "../../../../src/sandbox/wire/window.ts";
import { Connection } from "../../../../src/sandbox/wire-host/connection.ts";
import { execOverWire } from "../../../../src/sandbox/wire-host/exec.ts";
import { createScriptedGuest } from "../../../fakes/scripted-guest.ts";

const ENDS = ["exit", "signal", "timeout", "killed", "oom", "lost"];

const report = encodeMessage({ end: "exit", exitCode: 0, signal: null, outOfMemory: false });
const request = encodeMessage({ mode: "tunnel", host: "registry.example", port: 443 });

const payload = fc.oneof(
  fc.uint8Array({ maxLength: 60 }),
  fc.constantFrom(report, request, encodeCredit(10), encodeCredit(2 ** 32 - 1)),
  fc.json().map((text) => new TextEncoder().encode(text)),
  fc.nat({ max: 65_536 }).map((size) => new Uint8Array(size).fill(1)),
);
const frame = fc
  .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 5 }), payload)
  .map(([type, stream, bytes]) => encodeFrame(type as FrameType, stream, bytes));
const bytes = fc.oneof(
  { weight: 5, arbitrary: frame },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
  { weight: 1, arbitrary: frame.map((whole) => whole.subarray(0, whole.length / 2)) },
);

test("whatever a guest sends, a command gets a result and the connection a reason", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(bytes, { maxLength: 30 }),
      fc.integer({ min: 1, max: 5_000 }),
      async (said, size) => {
        const guest = createScriptedGuest();
        const gate = () => () => {};
        const connection = new Connection(guest.output, guest.input, gate);
        const command = { argv: ["true"], cwd: "/", env: {}, timeoutMs: 60_000 };
        const running = execOverWire(connection, command, async () => "lost");
        const all = Buffer.concat(said);
        for (let at = 0; at < all.length; at += size)
          guest.output.write(all.subarray(at, at + size));
        guest.output.end();
        const [result, reason] = await Promise.all([
          running.catch((error: unknown) => ({ end: "refused", error })),
          connection.closed,
        ]);
        if (result.end === "refused") expect(result).toHaveProperty("error.kind");
        else expect(ENDS).toContain(result.end);
        expect(reason).toMatch(/^The guest's stream (broke: .+|ended\.)$/s);
        expect(guest.input.destroyed).toBe(true);
      },
    ),
    { numRuns: 400 },
  );
});

test("a guest that asks and asks but never reads the answers is held back", async () => {
  const most = 100_000;
  let asked = 0;
  async function* guest() {
    yield encodeFrame(FRAME.hello, 0, encodeMessage({ version: WIRE_VERSION }));
    for (; asked < most; asked += 1) yield encodeFrame(FRAME.open, 2 + 2 * asked, request);
  }
  const input = new PassThrough();
  const connection = new Connection(guest(), input, (_request, channel) => {
    channel.send(FRAME.refused, new Uint8Array(1_000));
    channel.close();
    return () => {};
  });
  await connection.ready;
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(asked).toBeGreaterThan(0);
  expect(input.readableLength + input.writableLength).toBeLessThan(200_000);
  input.resume();
  expect(await connection.closed).toBe("The guest's stream ended.");
  expect(asked).toBe(most);
});
