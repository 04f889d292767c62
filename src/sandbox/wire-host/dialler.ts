import { ADDRCONFIG } from "node:dns";
import { lookup } from "node:dns/promises";
import { once } from "node:events";
import net from "node:net";
import type { RegistryCredential } from "../egress-registry.ts";

/** How the host reaches the outside for a sandbox; a test puts its own in. */
export type Dialler = {
  /** Every address of a name, in the order to try them. Rejects when it has none. */
  resolve(host: string): Promise<readonly string[]>;
  /** Resolves once connected. */
  connect(address: string, port: number): Promise<net.Socket>;
  /** What registries ask for; added to requests on the host, never in a sandbox. */
  readonly credentials?: readonly RegistryCredential[];
  /** Certificates that a registry may have beside the usual ones, PEM. */
  readonly caBundle?: Uint8Array;
};

const CONNECT_TIMEOUT_MS = 10_000;

/** Resolves with the host's own resolver and dials directly. */
export const directDialler: Dialler = {
  async resolve(host) {
    const addresses = await lookup(host, { all: true, hints: ADDRCONFIG });
    return addresses.map(({ address }) => address);
  },
  async connect(address, port) {
    const socket = net.connect({ host: address, port, allowHalfOpen: true, noDelay: true });
    try {
      await once(socket, "connect", { signal: AbortSignal.timeout(CONNECT_TIMEOUT_MS) });
      return socket;
    } catch (error) {
      socket.destroy();
      throw error;
    }
  },
};
