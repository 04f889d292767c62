import assert from "node:assert/strict";
import { egressEnv } from "../../src/sandbox/egress.ts";
import type { ExecOptions, Sandbox } from "../../src/sandbox/sandbox.ts";
import { PATIENCE_MS, text } from "./shell.ts";

/** A key that both sides know makes TLS without certificates. */
export const TLS_KEY = "00112233445566778899aabbccddeeff";
export const TLS_CIPHERS = "PSK-AES128-GCM-SHA256";

/** One thing to try from inside a sandbox. */
export type Attempt =
  /** A plain request through the proxy: `200 body`, `403 reason`, or `failed CODE`. */
  | { readonly do: "get"; readonly url: string; readonly body?: string }
  /** CONNECT, then a plain request: as above. */
  | { readonly do: "tunnel"; readonly host: string; readonly port: number; readonly path?: string }
  /** CONNECT, then TLS for `name`: what the server said, `cut`, or `403 reason`. */
  | { readonly do: "tls"; readonly host: string; readonly port: number; readonly name?: string }
  /** A connection past the proxy: `reached` or `failed CODE`. */
  | { readonly do: "dial"; readonly host: string; readonly port: number }
  | { readonly do: "lookup"; readonly host: string }
  | { readonly do: "datagram"; readonly host: string; readonly port: number };

/** Runs in the sandbox's own Node: makes each attempt of its argument in turn and prints one JSON line for each. */
export const EGRESS_CLIENT = `
const net = require("node:net"), http = require("node:http"), tls = require("node:tls");
const proxy = new URL(process.env.HTTP_PROXY);
const via = { host: proxy.hostname, port: Number(proxy.port) };
const read = (stream, first = "") => new Promise((resolve) => {
  let said = first, count = said.length;
  const end = (why) => resolve((said.trim() || why) + (count > 4000 ? " and so on, " + count : ""));
  stream.on("data", (data) => { count += data.length; said = (said + data).slice(0, 400); if (/^open/m.test(said)) console.error("open"); });
  stream.on("end", () => end("ended")).on("error", (e) => end("failed " + e.code)).on("close", () => end("cut"));
});
const answer = (options, body) => new Promise((resolve) => {
  const request = http.request(options, async (reply) => resolve(reply.statusCode + " " + await read(reply)));
  request.on("error", (e) => resolve("failed " + e.code)).end(body);
});
const connect = (to) => new Promise((resolve) => {
  const socket = net.connect(via, () => socket.write("CONNECT " + to.host + ":" + to.port + " HTTP/1.1\\r\\n\\r\\n"));
  socket.on("error", () => {});
  socket.once("data", async (head) => {
    const [, status, rest] = /^HTTP.1.1 (\\d+)[^]*?\\r\\n\\r\\n([^]*)$/.exec(head);
    if (status === "200") resolve({ socket });
    else resolve({ refused: status + " " + (await read(socket, rest)) });
  });
  socket.once("close", () => resolve({ refused: "cut" }));
});
const ways = {
  get: ({ url, body }) => answer({ ...via, path: url, method: body ? "POST" : "GET", headers: { host: new URL(url).host } }, body),
  async tunnel(to) {
    const { socket, refused } = await connect(to);
    return refused ?? answer({ createConnection: () => socket, host: to.host, path: to.path ?? "/", headers: { connection: "close" } });
  },
  async tls(to) {
    const { socket, refused } = await connect(to);
    if (refused) return refused;
    const pskCallback = () => ({ psk: Buffer.from("${TLS_KEY}", "hex"), identity: "law" });
    const options = { socket, pskCallback, ciphers: "${TLS_CIPHERS}", maxVersion: "TLSv1.2", checkServerIdentity() {} };
    const said = await read(tls.connect({ ...options, ...(to.name ? { servername: to.name } : {}) }));
    return /^(failed|cut|ended)/.test(said) ? "cut" : said;
  },
  dial: (to) => new Promise((resolve) => {
    const socket = net.connect({ ...to, timeout: 3000 }, () => resolve("reached"));
    socket.on("error", (e) => resolve("failed " + e.code)).on("timeout", () => resolve("failed silence"));
  }),
  lookup: ({ host }) => require("node:dns").promises.lookup(host).then(() => "resolved", (e) => "failed " + e.code),
  datagram: ({ host, port }) => new Promise((resolve) => {
    const socket = require("node:dgram").createSocket("udp4");
    socket.send("x", port, host, (e) => resolve(e ? "failed " + e.code : "sent"));
  }),
};
(async () => {
  for (const attempt of JSON.parse(process.argv[1])) console.log(JSON.stringify(await ways[attempt.do](attempt)));
  process.exit();
})();`;

/** Makes the attempts one after the other; what came of each, in words. `unused` only adds to the command. */
export async function attempt(
  sandbox: Sandbox,
  attempts: readonly Attempt[],
  options: Partial<ExecOptions> = {},
  unused: readonly string[] = [],
): Promise<readonly string[]> {
  const argv = ["node", "-e", EGRESS_CLIENT, JSON.stringify(attempts), ...unused];
  const result = await sandbox.exec(argv, {
    env: egressEnv(),
    timeoutMs: PATIENCE_MS,
    ...options,
  });
  assert.equal(result.end, "exit", text(result.stderr));
  const lines = text(result.stdout).trim().split("\n");
  assert.equal(lines.length, attempts.length, text(result.stderr));
  return lines.map((line) => String(JSON.parse(line)));
}
