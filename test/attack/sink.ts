import { randomUUID } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { networkInterfaces } from "node:os";
import type { Target } from "./attack.ts";

export type Sink = AsyncDisposable & {
  readonly address: Target["sink"];
  /** What it answers; nobody can know it before. */
  readonly greeting: string;
  /** What came in: each is a breach. */
  readonly received: readonly string[];
};

/** Listens at every address of the host, by TCP and UDP. */
export async function openSink(): Promise<Sink> {
  const received: string[] = [];
  const greeting = `SINK-${randomUUID()}`;
  const server = createServer((socket) => {
    received.push(`TCP connection from ${socket.remoteAddress}`);
    socket.on("data", (data) => received.push(data.toString("latin1", 0, 400)));
    socket.on("error", () => {});
    socket.end(`HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n${greeting}`);
  });
  const datagrams = createSocket("udp4", (data, { address }) => {
    received.push(`UDP from ${address}: ${data.toString("latin1", 0, 400)}`);
  });
  server.listen(0, "0.0.0.0");
  datagrams.bind(0, "0.0.0.0");
  await Promise.all([once(server, "listening"), once(datagrams, "listening")]);
  const addresses = Object.values(networkInterfaces()).flatMap((all) =>
    (all ?? []).filter(({ family }) => family === "IPv4").map(({ address }) => address),
  );
  return {
    address: {
      addresses: addresses.toSorted(),
      tcp: (server.address() as AddressInfo).port,
      udp: datagrams.address().port,
    },
    greeting,
    received,
    async [Symbol.asyncDispose]() {
      datagrams.close();
      server.close();
      await once(server, "close");
    },
  };
}
