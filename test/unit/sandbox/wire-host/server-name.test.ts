import { once } from "node:events";
import net from "node:net";
import tls from "node:tls";
import { expect, test } from "vitest";
import { readGreeting } from "../../../../src/sandbox/wire-host/server-name.ts";

/** The first bytes that a real TLS client sends. */
async function greetingOf(servername: string | undefined): Promise<Buffer> {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  const client = tls.connect({ port, host: "127.0.0.1", ...(servername ? { servername } : {}) });
  client.on("error", () => {});
  const [socket] = (await once(server, "connection")) as [net.Socket];
  const chunks: Buffer[] = [];
  for await (const chunk of socket) {
    chunks.push(chunk);
    if (readGreeting(Buffer.concat(chunks)).kind !== "incomplete") break;
  }
  client.destroy();
  server.close();
  return Buffer.concat(chunks);
}

test("the name in a real greeting is found, and its absence", async () => {
  const named = await greetingOf("registry.test");
  expect(readGreeting(named)).toEqual({ kind: "tls", serverName: "registry.test" });
  expect(readGreeting(await greetingOf(undefined))).toEqual({ kind: "tls", serverName: null });
});

test("a greeting is incomplete until its last byte, also when it is split into records", async () => {
  const whole = await greetingOf("registry.test");
  for (let length = 0; length < whole.length; length += 7) {
    expect(readGreeting(whole.subarray(0, length)).kind).toBe("incomplete");
  }
  const body = whole.subarray(5);
  const records = [body.subarray(0, 3), body.subarray(3, 60), body.subarray(60)].flatMap((part) => [
    Buffer.from([22, 3, 1, part.length >> 8, part.length & 0xff]),
    part,
  ]);
  expect(readGreeting(Buffer.concat(records))).toEqual({
    kind: "tls",
    serverName: "registry.test",
  });
});

test("what isn't TLS is told apart, and what only pretends has no name", async () => {
  expect(readGreeting(Buffer.from("GET / HTTP/1.1\r\n"))).toEqual({ kind: "other" });
  const whole = await greetingOf("registry.test");
  const broken = Buffer.from(whole);
  broken.writeUInt16BE(0xffff, whole.indexOf("registry.test") - 2);
  expect(readGreeting(broken)).toEqual({ kind: "tls", serverName: null });
  expect(readGreeting(Buffer.from([22, 3, 1, 0, 1, 9]))).toEqual({ kind: "tls", serverName: null });
  expect(readGreeting(Buffer.alloc(70_000, 22))).toEqual({ kind: "tls", serverName: null });
});
