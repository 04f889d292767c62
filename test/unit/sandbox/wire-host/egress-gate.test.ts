import { once } from "node:events";
import net from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createLog } from "../../../../src/log.ts";
import { FRAME } from "../../../../src/sandbox/wire/frame.ts";
import { encodeMessage } from "../../../../src/sandbox/wire/message.ts";
import { Connection } from "../../../../src/sandbox/wire-host/connection.ts";
import { directDialler } from "../../../../src/sandbox/wire-host/dialler.ts";
import { EgressGate } from "../../../../src/sandbox/wire-host/egress-gate.ts";
import { createScriptedGuest } from "../../../fakes/scripted-guest.ts";

let server: net.Server;
let port: number;
beforeEach(async () => {
  server = net.createServer((socket) => socket.on("error", () => {}).pipe(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  port = (server.address() as net.AddressInfo).port;
});
afterEach(() => {
  server.close();
});

function open(resolve: () => Promise<readonly string[]> = async () => ["127.0.0.1"]) {
  const origin = `a.test:${port}`;
  const guest = createScriptedGuest();
  const gate = new EgressGate({
    policy: { mode: "allow", origins: [origin], maxBytes: 1_000_000 },
    privateOrigins: [origin],
    dialler: { resolve, connect: directDialler.connect },
    log: createLog("silent"),
  });
  gate.command = "npm ci";
  const connection = new Connection(guest.output, guest.input, gate.accept);
  const ask = (stream: number) =>
    guest.say(FRAME.open, stream, encodeMessage({ mode: "http", host: "a.test", port }));
  return { guest, gate, connection, ask };
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

test("bytes go out and come back, and the end of one side is the end of the other", async () => {
  const { guest, connection, ask } = open();
  ask(2);
  expect((await guest.hear(FRAME.opened)).stream).toBe(2);
  guest.say(FRAME.data, 2, new TextEncoder().encode("hello"));
  expect(text((await guest.hear(FRAME.data)).payload)).toBe("hello");
  guest.say(FRAME.end, 2);
  expect((await guest.hear(FRAME.end)).stream).toBe(2);
  connection.close("done");
});

test("the 129th connection at a time is refused, with a record", async () => {
  const { guest, gate, connection, ask } = open();
  for (let index = 1; index <= 129; index += 1) ask(index * 2);
  const refused = await guest.hear(FRAME.refused);
  expect(text(refused.payload)).toContain("More than 128 connections");
  expect(gate.refusals).toMatchObject([{ host: "a.test", port, command: "npm ci" }]);
  gate.cutAll();
  connection.close("done");
});

test("a phase that ends while a name is resolved lets nothing through", async () => {
  let answer = (_addresses: readonly string[]) => {};
  const { guest, gate, connection, ask } = open(
    () =>
      new Promise((resolve) => {
        answer = resolve;
      }),
  );
  ask(2);
  await new Promise((resolve) => setImmediate(resolve));
  gate.setPolicy({ mode: "none" });
  answer(["127.0.0.1"]);
  const kill = await guest.hear(FRAME.kill);
  expect(kill.stream).toBe(2);
  connection.close("done");
});

test("open connections are cut when the phase ends", async () => {
  const { guest, gate, connection, ask } = open();
  ask(2);
  await guest.hear(FRAME.opened);
  gate.setPolicy({ mode: "none" });
  expect((await guest.hear(FRAME.kill)).stream).toBe(2);
  ask(4);
  expect(text((await guest.hear(FRAME.refused)).payload)).toContain("disabled");
  connection.close("done");
});

test("a name that resolves to nothing, or an address where nobody listens, is refused", async () => {
  const gone = open(() => Promise.reject(new Error("ENOTFOUND a.test")));
  gone.ask(2);
  expect(text((await gone.guest.hear(FRAME.refused)).payload)).toContain("ENOTFOUND");
  gone.connection.close("done");
  const { guest, connection, ask } = open();
  server.close();
  ask(2);
  expect(text((await guest.hear(FRAME.refused)).payload)).toContain("could not be reached");
  connection.close("done");
});

test("traffic before its connection breaks the protocol", async () => {
  const { guest, connection, ask } = open(() => new Promise(() => {}));
  ask(2);
  guest.say(FRAME.data, 2, new Uint8Array(1));
  expect(await connection.closed).toContain("before its connection");
});
