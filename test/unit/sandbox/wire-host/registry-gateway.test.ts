import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { createFrameDecoder, FRAME, type FrameType } from "../../../../src/sandbox/wire/frame.ts";
import {
  decodeMessage,
  encodeMessage,
  type RegistryAnswer,
} from "../../../../src/sandbox/wire/message.ts";
import { encodeCredit, WINDOW_BYTES } from "../../../../src/sandbox/wire/window.ts";
import { Connection } from "../../../../src/sandbox/wire-host/connection.ts";
import { directDialler } from "../../../../src/sandbox/wire-host/dialler.ts";
import { EgressGate } from "../../../../src/sandbox/wire-host/egress-gate.ts";
import { fakeLog } from "../../../fakes/log.ts";
import { createScriptedGuest } from "../../../fakes/scripted-guest.ts";

const SECRET = "Bearer canary-5d1f";

function emptyReply() {
  const head = Promise.withResolvers<RegistryAnswer>();
  /** True for an end, false for a cut. */
  const end = Promise.withResolvers<boolean>();
  const body: Uint8Array[] = [];
  const hear = (type: FrameType, payload: Uint8Array) => {
    if (type === FRAME.opened) head.resolve(decodeMessage(payload) as RegistryAnswer);
    else if (type === FRAME.data) body.push(payload);
    else end.resolve(type === FRAME.end);
  };
  return { head, body, end, hear };
}

/** A gate before a registry at `npm.test/npm/`, which every name leads to. */
async function scene(listener: http.RequestListener, takes = true) {
  const server = http.createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const url = `http://npm.test:${port}/npm/`;
  const guest = createScriptedGuest();
  const gate = new EgressGate({
    policy: {
      mode: "allow",
      origins: [],
      registries: [
        { name: "npm", kind: "npm", url },
        { name: "files", kind: "files", url: `http://files.test:${port}/` },
      ],
      maxBytes: 1_000_000,
    },
    privateOrigins: [],
    dialler: {
      resolve: async (host) => [host === "metadata.test" ? "169.254.169.254" : "127.0.0.1"],
      connect: directDialler.connect,
      credentials: [{ url, authorization: SECRET }],
    },
    log: fakeLog(),
  });
  gate.command = "npm ci";
  const connection = new Connection(guest.output, guest.input, gate.accept);
  onTestFinished(() => {
    gate.cutAll();
    connection.close("done");
    server.close();
    server.closeAllConnections();
  });
  const decoder = createFrameDecoder();
  const replies: ReturnType<typeof emptyReply>[] = [];
  guest.input.on("data", (chunk: Uint8Array) => {
    for (const { type, stream, payload } of decoder.push(chunk)) {
      replies[stream / 2 - 1]?.hear(type, payload);
      if (type !== FRAME.data || !takes) continue;
      guest.say(FRAME.window, stream, encodeCredit(payload.length));
    }
  });
  /** Asks, and reads the answer when it has come to its end. */
  const ask = (path: string, method = "GET", headers: Record<string, string> = {}) => {
    const reply = emptyReply();
    const stream = 2 * replies.push(reply);
    guest.say(FRAME.open, stream, encodeMessage({ mode: "registry", method, path, headers }));
    const bytes = () => Buffer.concat(reply.body);
    const answer = async () => {
      const isWhole = await reply.end.promise;
      return { ...(await reply.head.promise), isWhole, body: bytes().toString("latin1") };
    };
    return { stream, head: reply.head.promise, bytes, answer };
  };
  return { guest, gate, connection, port, ask };
}

test("a request gets its credential outside, and its packages' addresses lead back", async () => {
  const seen: http.IncomingHttpHeaders[] = [];
  const { ask, gate, port } = await scene((request, response) => {
    seen.push(request.headers);
    const body = JSON.stringify({ tarball: `http://npm.test:${port}/npm/a.tgz`, integrity: "x" });
    response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" });
    response.end(gzipSync(body));
  });
  const asked = ask("/npm/a", "GET", { authorization: "Bearer own", "accept-encoding": "gzip" });
  expect(await asked.answer()).toEqual({
    status: 200,
    headers: { "content-type": "application/json" },
    isWhole: true,
    body: '{"tarball":"http://127.0.0.1:3128/npm/a.tgz","integrity":"x"}',
  });
  expect(seen).toMatchObject([{ authorization: SECRET, "accept-encoding": "gzip" }]);
  expect(gate.refusals).toEqual([]);
});

test("a package's bytes are what the registry gave", async () => {
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 7) % 256));
  const { ask } = await scene((_request, response) => {
    response.writeHead(200, { "content-type": "application/octet-stream" });
    response.end(bytes);
  });
  const asked = ask("/npm/a.tgz");
  expect((await asked.answer()).isWhole).toBe(true);
  expect(asked.bytes().equals(bytes)).toBe(true);
});

test.each([
  ["POST", "/npm/a", 405],
  ["PUT", "/npm/a", 405],
  ["GET", "/npm/../x", 403],
  ["GET", "/pip/simple/", 404],
] as const)("%s %s is refused, on record, and reaches nobody", async (method, path, status) => {
  const reached: string[] = [];
  const { ask, gate } = await scene(({ url = "" }, response) => {
    reached.push(url);
    response.end();
  });
  expect(await ask(path, method).answer()).toMatchObject({ status });
  expect(gate.refusals).toMatchObject([{ command: "npm ci", count: 1 }]);
  expect(reached).toEqual([]);
});

test("a redirect is followed to a listed place without the credential, and nowhere else", async () => {
  const seen: (string | undefined)[] = [];
  const { ask, gate, port } = await scene((request, response) => {
    seen.push(`${request.headers.host} ${request.headers.authorization}`);
    const location = request.url?.endsWith("/far")
      ? `http://files.test:${port}/a.tgz`
      : `http://metadata.test:${port}/`;
    if (request.url === "/a.tgz") response.end("package");
    else response.writeHead(302, { location }).end();
  });
  expect(await ask("/npm/far").answer()).toMatchObject({ status: 200, body: "package" });
  expect(await ask("/npm/away").answer()).toMatchObject({ status: 502 });
  expect(seen).toEqual([
    `npm.test:${port} ${SECRET}`,
    `files.test:${port} undefined`,
    `npm.test:${port} ${SECRET}`,
  ]);
  expect(gate.refusals).toMatchObject([{ host: "metadata.test", port }]);
});

test("redirects without end come to an end", async () => {
  const { ask } = await scene((_request, response) => {
    response.writeHead(302, { location: "/npm/again" }).end();
  });
  const { status, body } = await ask("/npm/a").answer();
  expect([status, body]).toEqual([502, "The registry redirects without end.\n"]);
});

test("a refused credential is not repeated to the sandbox", async () => {
  const { ask } = await scene((request, response) => {
    response.writeHead(401, { "www-authenticate": "Bearer" });
    response.end(`no such token: ${request.headers.authorization}`);
  });
  const answer = await ask("/npm/a").answer();
  expect(answer.status).toBe(401);
  expect(JSON.stringify(answer)).not.toContain("canary");
});

test("a closed phase ends what is under way and answers nothing more", async () => {
  const { ask, gate } = await scene((_request, response) => {
    response.writeHead(200).write("never ends");
  });
  const open = ask("/npm/a");
  await open.head;
  gate.setPolicy({ mode: "none" });
  expect(await open.answer()).toMatchObject({ isWhole: false });
  expect(await ask("/npm/a").answer()).toMatchObject({ status: 403 });
  expect(gate.refusals).toMatchObject([{ reason: "The network is disabled in this phase." }]);
});

test("bytes are bounded, packed ones by what they unpack to", async () => {
  const { ask, gate } = await scene((_request, response) => {
    response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" });
    response.end(gzipSync(Buffer.alloc(30_000_000)));
  });
  const asked = ask("/npm/a");
  expect(await asked.answer()).toMatchObject({ isWhole: false });
  expect(asked.bytes().length).toBeLessThanOrEqual(1_000_000);
  expect(gate.refusals.map(({ reason }) => reason)).toEqual([
    "The limit of 1000000 bytes of traffic is used up.",
  ]);
  expect(await ask("/npm/a").answer()).toMatchObject({ status: 403 });
});

test("a guest that takes nothing gets no more than its window", async () => {
  const { ask, gate } = await scene((_request, response) => {
    response.end(Buffer.alloc(900_000));
  }, false);
  const asked = ask("/npm/a.tgz");
  await asked.head;
  await expect.poll(() => asked.bytes().length).toBe(WINDOW_BYTES);
  gate.cutAll();
  expect(await asked.answer()).toMatchObject({ isWhole: false });
  expect(asked.bytes().length).toBe(WINDOW_BYTES);
});

test("a body breaks the protocol", async () => {
  const { ask, guest, connection } = await scene(() => {});
  guest.say(FRAME.data, ask("/npm/a").stream, new Uint8Array(1));
  expect(await connection.closed).toContain("has no body");
});

test("a registry that breaks off is said and recorded", async () => {
  const { ask, gate } = await scene((request) => void request.socket.destroy());
  expect(await ask("/npm/a").answer()).toMatchObject({ status: 502 });
  expect(gate.refusals).toMatchObject([{ host: "npm.test" }]);
});
