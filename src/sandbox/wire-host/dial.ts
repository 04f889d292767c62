import net from "node:net";
import { decideAddresses, type Target } from "../egress.ts";
import type { Dialler } from "./dialler.ts";

/** How many of a name's addresses are tried before the dial counts as failed. */
const MAX_ATTEMPTS = 4;

/** Dials an address that was checked, never the name again. Throws with the reason of a refusal. */
export async function dialChecked(
  dialler: Dialler,
  target: Target,
  privateOrigins: readonly string[],
): Promise<net.Socket> {
  const { host, port } = target;
  const addresses = net.isIP(host) === 0 ? await dialler.resolve(host) : [host];
  const decision = decideAddresses(target, addresses, privateOrigins);
  if (!decision.allowed) throw new Error(decision.reason);
  let lastError: unknown;
  for (const address of addresses.slice(0, MAX_ATTEMPTS)) {
    try {
      return await dialler.connect(address, port);
    } catch (error) {
      lastError = error;
    }
  }
  throw new Error(`${host} could not be reached: ${lastError}`);
}
