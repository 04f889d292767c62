import { randomUUID } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import type net from "node:net";
import type { AddressInfo } from "node:net";
import tls from "node:tls";
import { type Dialler, directDialler } from "../../src/sandbox/wire-host/dialler.ts";
import { TLS_CIPHERS, TLS_KEY } from "./egress-client.ts";

/** Addresses for documentation, which nobody has: they stand for public ones, and lead to the suite's servers. */
const PUBLIC = "203.0.113.";

const NAMES: Readonly<Record<string, readonly string[]>> = {
  "listed.test": ["127.0.0.1"],
  "inner.test": ["127.0.0.1"],
  "public.test": [`${PUBLIC}10`],
  "mixed.test": [`${PUBLIC}11`, "10.0.0.1"],
  "metadata.test": ["169.254.169.254"],
  "mapped.test": ["::ffff:127.0.0.1"],
  "nearby.test": ["fd12:3456::1"],
};

/** The world outside a sandbox, as far as a law may need it: two servers, a few names, and a record of each dial. */
export type Outside = AsyncDisposable & {
  readonly httpPort: number;
  readonly tlsPort: number;
  /** Origins in a private network that the operator allows; what a policy lists is another matter. */
  readonly privateOrigins: readonly string[];
  readonly dialler: Dialler;
  /** `address:port` of each dial so far. */
  readonly dials: readonly string[];
};

export async function openOutside(): Promise<Outside> {
  const sockets = new Set<net.Socket>();
  const plain = http.createServer(answer);
  const secure = tls.createServer(
    { ciphers: TLS_CIPHERS, maxVersion: "TLSv1.2", pskCallback: () => Buffer.from(TLS_KEY, "hex") },
    (socket) => socket.on("error", () => {}).end(`secure ${socket.servername}\n`),
  );
  secure.on("tlsClientError", () => {});
  const ports: number[] = [];
  for (const server of [plain, secure]) {
    server.on("connection", (socket: net.Socket) => {
      sockets.add(socket.on("close", () => sockets.delete(socket)).on("error", () => {}));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    ports.push((server.address() as AddressInfo).port);
  }
  const [httpPort = 0, tlsPort = 0] = ports;
  const dials: string[] = [];
  return {
    httpPort,
    tlsPort,
    privateOrigins: ["listed.test", "metadata.test"].flatMap((host) =>
      ports.map((port) => `${host}:${port}`),
    ),
    dialler: recordingDialler(dials),
    dials,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      plain.close();
      secure.close();
    },
  };
}

function recordingDialler(dials: string[]): Dialler {
  const asked = new Set<string>();
  return {
    async resolve(name) {
      const host = name.toLowerCase().replace(/\.$/, "");
      // The first answer is a good one, every later one is not.
      if (/^rebinding-\w+\.test$/.test(host)) {
        const addresses = asked.has(host) ? ["127.0.0.1"] : [`${PUBLIC}12`];
        asked.add(host);
        return addresses;
      }
      const addresses = NAMES[host];
      if (addresses === undefined) throw new Error(`${host} has no address (ENOTFOUND).`);
      return addresses;
    },
    async connect(address, port) {
      dials.push(`${address}:${port}`);
      if (address.startsWith(PUBLIC)) return directDialler.connect("127.0.0.1", port);
      if (address === "127.0.0.1") return directDialler.connect(address, port);
      throw new Error(`Nobody may dial ${address}.`);
    },
  };
}

/** A name whose address is another one each time somebody asks. */
export function rebindingName(): string {
  return `rebinding-${randomUUID().slice(0, 8)}.test`;
}

function answer(request: http.IncomingMessage, response: http.ServerResponse): void {
  if (request.url === "/large") {
    response.end(Buffer.alloc(8 * 1024 ** 2));
  } else if (request.url === "/open") {
    response.write("open\n"); // and never an end
  } else if (request.method === "POST") {
    request.pipe(response);
  } else {
    response.end(`${request.headers.host} ${request.url}`);
  }
}
