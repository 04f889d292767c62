import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { Dialler } from "../../../src/sandbox/wire-host/dialler.ts";

/** Addresses in the internet, as the made-up name server gives them; nothing is ever sent there. */
export const PUBLIC_ADDRESSES = {
  allowed: "93.184.215.14",
  redirect: "93.184.215.15",
  rebind: "93.184.215.16",
  forbidden: "93.184.215.17",
} as const;

const PRIVATE: Readonly<Record<string, readonly string[]>> = {
  "ten.test": ["10.1.2.3"],
  "loop.test": ["127.0.0.1"],
  "loop6.test": ["::1"],
  "metadata.test": ["169.254.169.254"],
  "metadata6.test": ["fd00:ec2::254"],
  "mapped.test": ["::ffff:192.168.1.1"],
  "mapped-loop.test": ["::ffff:127.0.0.1"],
  "zero.test": ["0.0.0.0"],
  "unspecified.test": ["::"],
  "carrier.test": ["100.100.100.200"],
  "multicast.test": ["224.0.0.1"],
  "broadcast.test": ["255.255.255.255"],
  "translated.test": ["64:ff9b::a9fe:a9fe"],
  "six-to-four.test": ["2002:7f00:1::"],
  "link-local.test": ["fe80::1"],
  "mixed.test": [PUBLIC_ADDRESSES.allowed, "127.0.0.1"],
  "mixed-last.test": ["127.0.0.1", PUBLIC_ADDRESSES.allowed],
};

export const PRIVATE_NAMES = Object.keys(PRIVATE);

/** What a sandbox that is online may reach, in the notation of a policy. */
export const ORIGINS: readonly string[] = [
  "allowed.test",
  "redirect.test",
  "rebind.test",
  ...PRIVATE_NAMES,
].flatMap((name) => [`${name}:80`, `${name}:443`]);

/** Where Dunlin may dial to for such a sandbox. */
export const ALLOWED_TO: ReadonlySet<string> = new Set(
  [PUBLIC_ADDRESSES.allowed, PUBLIC_ADDRESSES.redirect, PUBLIC_ADDRESSES.rebind].flatMap(
    (address) => [`${address}:80`, `${address}:443`],
  ),
);

export type MadeUpInternet = AsyncDisposable & {
  readonly dialler: Dialler;
  readonly dialled: readonly string[];
  upstream(): readonly string[];
  forget(): void;
};

/** An internet of a few hosts, all of which are one server here, and a name server that lies. */
export async function openInternet(): Promise<MadeUpInternet> {
  const dialled: string[] = [];
  const received: { to: string; head: string; bytes: number }[] = [];
  const open = new Set<Socket>();
  const asked = new Map<string, number>();
  const peers = new Peers();
  const server = createServer((socket) => {
    open.add(socket);
    peers.arrived(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port: own } = server.address() as AddressInfo;

  const dialler: Dialler = {
    async resolve(host) {
      const time = asked.get(host) ?? 0;
      asked.set(host, time + 1);
      return addressesOf(host, time);
    },
    async connect(address, port) {
      const to = `${address}:${port}`;
      dialled.push(to);
      if (!ALLOWED_TO.has(to)) throw new Error(`${to} is nowhere.`);
      const socket = connect({ host: "127.0.0.1", port: own, allowHalfOpen: true });
      await once(socket, "connect");
      answer(await peers.of(socket), address, port);
      return socket;
    },
  };

  function answer(peer: Socket, address: string, port: number): void {
    const name = Object.entries(PUBLIC_ADDRESSES).find(([, one]) => one === address)?.[0];
    const entry = { to: `${name}.test:${port}`, head: "", bytes: 0 };
    received.push(entry);
    peer.on("error", () => {});
    peer.on("data", (data) => {
      const isFirst = entry.bytes === 0;
      entry.bytes += data.length;
      if (entry.head.length < 4096) entry.head += data.toString("latin1", 0, 4096);
      if (isFirst) peer.write(reply(`${name}`, data.toString("latin1")));
    });
  }

  return {
    dialler,
    dialled,
    upstream: () => [
      ...received.map(({ to, head }) => `${to}: ${head}`),
      `TOTAL ${received.reduce((sum, { bytes }) => sum + bytes, 0)}`,
    ],
    forget() {
      dialled.length = 0;
      received.length = 0;
      asked.clear();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** Finds the server's end of a connection. */
class Peers {
  readonly #waiting = new Map<number, Socket>();
  readonly #awaited = new Map<number, (peer: Socket) => void>();

  arrived(peer: Socket): void {
    const port = peer.remotePort ?? 0;
    const wanted = this.#awaited.get(port);
    this.#awaited.delete(port);
    if (wanted === undefined) this.#waiting.set(port, peer);
    else wanted(peer);
  }

  async of(socket: Socket): Promise<Socket> {
    const port = socket.localPort ?? 0;
    const peer = this.#waiting.get(port);
    this.#waiting.delete(port);
    return peer ?? new Promise((resolve) => this.#awaited.set(port, resolve));
  }
}

/** `rebind.test` is in the internet when it is asked for first, and on the host from then on, in turns. */
function addressesOf(host: string, time: number): readonly string[] {
  if (host === "rebind.test") return time % 2 === 0 ? [PUBLIC_ADDRESSES.rebind] : ["127.0.0.1"];
  const known = Object.entries(PUBLIC_ADDRESSES).find(([name]) => host === `${name}.test`)?.[1];
  const addresses = PRIVATE[host] ?? (known === undefined ? undefined : [known]);
  if (addresses === undefined) throw new Error(`There is no host ${host}.`);
  return addresses;
}

function reply(name: string, request: string): string {
  const to = /[?&]to=(\S+)/.exec(request)?.[1];
  const status =
    name === "redirect" && to !== undefined
      ? `302 Found\r\nLocation: ${decodeURIComponent(to)}`
      : "200 OK";
  const body = `UPSTREAM ${name}`;
  return `HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}
