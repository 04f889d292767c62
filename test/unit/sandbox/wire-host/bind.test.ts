import { expect, onTestFinished, test } from "vitest";
import { FRAME } from "../../../../src/sandbox/wire/frame.ts";
import { decodeMessage, encodeMessage } from "../../../../src/sandbox/wire/message.ts";
import { bindOverWire } from "../../../../src/sandbox/wire-host/bind.ts";
import { Connection } from "../../../../src/sandbox/wire-host/connection.ts";
import { createScriptedGuest } from "../../../fakes/scripted-guest.ts";

const REQUEST = { bind: "/views/1", at: "/workspace" };
const EXIT = { end: "exit", signal: null, outOfMemory: false } as const;

async function ask() {
  const guest = createScriptedGuest();
  const connection = new Connection(guest.output, guest.input, () => () => {});
  onTestFinished(() => connection.close("done"));
  await connection.ready;
  const bound = bindOverWire(connection, REQUEST);
  const { stream, payload } = await guest.hear(FRAME.open);
  return { guest, connection, bound, stream, request: decodeMessage(payload) };
}

test("a folder is bound once the guest says so", async () => {
  const { guest, bound, stream, request } = await ask();
  expect(request).toEqual(REQUEST);
  guest.say(FRAME.result, stream, encodeMessage({ ...EXIT, exitCode: 0 }));
  await bound;
});

test("a guest that can't, has no program for it, or is gone, is an error", async () => {
  const refused = await ask();
  refused.guest.say(FRAME.result, refused.stream, encodeMessage({ ...EXIT, exitCode: 32 }));
  await expect(refused.bound).rejects.toMatchObject({ code: "workspace-not-shown" });
  const missing = await ask();
  const none = { end: "not-started", reason: "no-process", detail: "spawn mount ENOENT" } as const;
  missing.guest.say(FRAME.result, missing.stream, encodeMessage(none));
  await expect(missing.bound).rejects.toThrow(/spawn mount ENOENT/);
  const gone = await ask();
  gone.guest.output.end();
  await expect(gone.bound).rejects.toMatchObject({ code: "workspace-not-shown" });
});

test("a guest that answers with something else has broken the protocol", async () => {
  const { guest, bound, stream, connection } = await ask();
  guest.say(FRAME.data, stream, new Uint8Array([1, 2]));
  await expect(bound).rejects.toMatchObject({ code: "workspace-not-shown" });
  expect(await connection.closed).toMatch(/something else/);
});
