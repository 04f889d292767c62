import net from "node:net";
import type { Log } from "../../log.ts";
import {
  decideAddresses,
  decideTarget,
  type EgressPolicy,
  type EgressRefusal,
  withRefusal,
} from "../egress.ts";
import type { EgressRequest } from "../wire/message.ts";
import type { Channel, FrameHandler } from "./connection.ts";
import type { Dialler } from "./dialler.ts";
import { EgressPipe } from "./egress-pipe.ts";
import { readEgressRequest } from "./untrusted.ts";

const MAX_CONNECTIONS = 128;
/** How many of a name's addresses are tried before the dial counts as failed. */
const MAX_ATTEMPTS = 4;

export type EgressGateOptions = {
  readonly policy: EgressPolicy;
  /** Origins (`host:port`) that may lie in a private network, by the operator's word. */
  readonly privateOrigins: readonly string[];
  readonly dialler: Dialler;
  /** What runs in the sandbox now, for the record of a refusal. */
  readonly currentCommand: () => string;
  readonly log: Log;
};

/** Makes a sandbox's connections, each judged by the policy of the moment, and keeps what it refused. */
export class EgressGate {
  readonly #options: EgressGateOptions;
  readonly #pipes = new Set<EgressPipe>();
  #policy: EgressPolicy;
  #usedBytes = 0;
  #refusals: readonly EgressRefusal[] = [];

  constructor(options: EgressGateOptions) {
    this.#options = options;
    this.#policy = options.policy;
  }

  get policy(): EgressPolicy {
    return this.#policy;
  }

  get refusals(): readonly EgressRefusal[] {
    return this.#refusals;
  }

  /** Counts bytes anew. Open connections are cut when the policy becomes `none`. */
  setPolicy(policy: EgressPolicy): void {
    this.#policy = policy;
    this.#usedBytes = 0;
    if (policy.mode === "none") this.cutAll();
  }

  cutAll(): void {
    for (const pipe of this.#pipes) pipe.cut();
  }

  /** Takes the guest's request for a connection; throws when it is no such request. */
  readonly accept = (payload: Uint8Array, channel: Channel): FrameHandler => {
    const request = readEgressRequest(payload);
    const pipe = new EgressPipe(channel, {
      target: request,
      checksGreeting: request.mode === "tunnel",
      onBytes: (count) => this.#count(count, pipe),
      onCut: (reason) => this.#record(request, reason),
    });
    void this.#connect(request, pipe);
    return (frame) => pipe.receive(frame);
  };

  async #connect(request: EgressRequest, pipe: EgressPipe): Promise<void> {
    const refuse = (reason: string) => {
      if (!pipe.isClosed) this.#record(request, reason);
      pipe.refuse(reason);
    };
    if (this.#pipes.size >= MAX_CONNECTIONS) {
      refuse(`More than ${MAX_CONNECTIONS} connections are open.`);
      return;
    }
    this.#pipes.add(pipe);
    try {
      const socket = await this.#dial(request);
      // The command may have given up, or the phase may have ended, while the name was resolved.
      if (pipe.isClosed || this.#policy.mode === "none") {
        socket.destroy();
        refuse("The network is disabled in this phase.");
      } else await pipe.join(socket);
    } catch (error) {
      refuse(error instanceof Error ? error.message : String(error));
    } finally {
      this.#pipes.delete(pipe);
    }
  }

  /** Dials an address that was checked, never the name again. Throws with the reason of a refusal. */
  async #dial(request: EgressRequest): Promise<net.Socket> {
    const { dialler, privateOrigins } = this.#options;
    const byName = decideTarget(this.#policy, request, this.#usedBytes);
    if (!byName.allowed) throw new Error(byName.reason);
    const addresses =
      net.isIP(request.host) === 0 ? await dialler.resolve(request.host) : [request.host];
    const byAddress = decideAddresses(request, addresses, privateOrigins);
    if (!byAddress.allowed) throw new Error(byAddress.reason);
    let lastError: unknown;
    for (const address of addresses.slice(0, MAX_ATTEMPTS)) {
      try {
        return await dialler.connect(address, request.port);
      } catch (error) {
        lastError = error;
      }
    }
    throw new Error(`${request.host} could not be reached: ${lastError}`);
  }

  #count(bytes: number, pipe: EgressPipe): void {
    this.#usedBytes += bytes;
    if (this.#policy.mode === "allow" && this.#usedBytes > this.#policy.maxBytes) {
      pipe.cut(`The limit of ${this.#policy.maxBytes} bytes of traffic is used up.`);
    }
  }

  #record({ host, port }: EgressRequest, reason: string): void {
    const refusal = { host, port, reason, command: this.#options.currentCommand() };
    this.#refusals = withRefusal(this.#refusals, refusal);
    this.#options.log.debug({ host, port, reason }, "egress refused");
  }
}
