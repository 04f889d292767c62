import { once } from "node:events";
import net from "node:net";
import { connect as connectTls } from "node:tls";
import { expect, onTestFinished, test } from "vitest";
import type { EgressPolicy } from "../../../../src/sandbox/egress.ts";
import { FRAME } from "../../../../src/sandbox/wire/frame.ts";
import { encodeMessage } from "../../../../src/sandbox/wire/message.ts";
import { Connection } from "../../../../src/sandbox/wire-host/connection.ts";
import { EgressGate } from "../../../../src/sandbox/wire-host/egress-gate.ts";
import { fakeLog } from "../../../fakes/log.ts";
import { createScriptedGuest } from "../../../fakes/scripted-guest.ts";

const OPEN: EgressPolicy = { mode: "allow", origins: ["registry.test:443"], maxBytes: 100_000 };

/** A gate whose names resolve to `addresses`; every address leads to one server, which says when it gets something. */
async function scene(addresses: readonly string[], policy = OPEN) {
  const reached = Promise.withResolvers<"reached">();
  const server = net.createServer((socket) =>
    socket.on("error", () => {}).once("data", () => reached.resolve("reached")),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  const resolved: string[] = [];
  const dialled: string[] = [];
  const guest = createScriptedGuest();
  const gate = new EgressGate({
    policy,
    privateOrigins: [],
    dialler: {
      resolve: async (host) => {
        resolved.push(host);
        return addresses;
      },
      connect: async (address) => {
        dialled.push(address);
        return net.connect(port, "127.0.0.1");
      },
    },
    log: fakeLog(),
  });
  gate.command = "npm ci";
  const connection = new Connection(guest.output, guest.input, gate.accept);
  onTestFinished(() => {
    gate.cutAll();
    connection.close("done");
    server.close();
  });
  const ask = (host: string) =>
    guest.say(FRAME.open, 2, encodeMessage({ mode: "tunnel", host, port: 443 }));
  const refusal = async () => {
    const answers = [guest.hear(FRAME.refused), guest.hear(FRAME.opened)];
    const { type, payload } = await Promise.race(answers);
    return type === FRAME.refused ? new TextDecoder().decode(payload) : "opened";
  };
  return { guest, gate, ask, refusal, resolved, dialled, reached: reached.promise };
}

test("without a policy, or for another host, no name is even resolved", async () => {
  const closed = await scene(["93.184.215.14"], { mode: "none" });
  closed.ask("registry.test");
  expect(await closed.refusal()).toContain("disabled in this phase");
  const other = await scene(["93.184.215.14"]);
  other.ask("evil.test");
  expect(await other.refusal()).toContain("not on the allow-list");
  expect([...closed.resolved, ...other.resolved, ...closed.dialled, ...other.dialled]).toEqual([]);
});

test.each(["10.0.0.1", "127.0.0.1", "169.254.169.254", "::ffff:192.168.0.1", "fd00::1"])(
  "a listed name that resolves to %s is not dialled",
  async (address) => {
    const { ask, refusal, gate, dialled } = await scene(["93.184.215.14", address]);
    ask("registry.test");
    expect(await refusal()).toContain(address);
    expect(gate.refusals).toMatchObject([{ host: "registry.test", command: "npm ci" }]);
    expect(dialled).toEqual([]);
  },
);

test("the address that was judged is the one that is dialled, not the name again", async () => {
  const { guest, ask, resolved, dialled } = await scene(["93.184.215.14"]);
  ask("registry.test");
  await guest.hear(FRAME.opened);
  expect([resolved, dialled]).toEqual([["registry.test"], ["93.184.215.14"]]);
});

test("TLS that is meant for another server is cut and on record", async () => {
  const { guest, gate, ask, reached } = await scene(["93.184.215.14"]);
  ask("registry.test");
  await guest.hear(FRAME.opened);
  guest.say(FRAME.data, 2, await greetingFor("other.test"));
  const cut = guest.hear(FRAME.kill).then(() => "cut");
  expect(await Promise.race([cut, reached])).toBe("cut");
  expect(gate.refusals.map(({ reason }) => reason)).toEqual([
    "The TLS server name other.test is not registry.test.",
  ]);
});

/** The first bytes that a client sends to open TLS with this server. */
async function greetingFor(servername: string): Promise<Uint8Array> {
  const server = net.createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = connectTls({ port: (server.address() as net.AddressInfo).port, servername });
  client.on("error", () => {});
  const [socket]: net.Socket[] = await once(server, "connection");
  const [bytes]: Buffer[] = socket === undefined ? [] : await once(socket, "data");
  client.destroy();
  socket?.destroy();
  server.close();
  return bytes ?? new Uint8Array();
}
