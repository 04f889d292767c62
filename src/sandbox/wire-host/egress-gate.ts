import type net from "node:net";
import type { Log } from "../../log.ts";
import {
  decideTarget,
  type EgressPolicy,
  type EgressRefusal,
  type Target,
  withRefusal,
} from "../egress.ts";
import type { EgressRequest } from "../wire/message.ts";
import type { Channel, FrameHandler } from "./connection.ts";
import { dialChecked } from "./dial.ts";
import type { Dialler } from "./dialler.ts";
import { EgressPipe } from "./egress-pipe.ts";
import { RegistryClient } from "./registry-client.ts";
import { RegistryGateway } from "./registry-gateway.ts";
import { readEgressRequest } from "./untrusted.ts";

const MAX_CONNECTIONS = 128;

export type EgressGateOptions = {
  /** None, when left out. */
  readonly policy?: EgressPolicy;
  /** Origins (`host:port`) that may lie in a private network, by the operator's word. */
  readonly privateOrigins: readonly string[];
  readonly dialler: Dialler;
  readonly log: Log;
};

/** Makes a sandbox's connections, each judged by the policy of the moment, and keeps what it refused. */
export class EgressGate {
  /** What runs in the sandbox now, for the record of a refusal. */
  command = "";
  readonly #options: EgressGateOptions;
  readonly #pipes = new Set<EgressPipe>();
  readonly #gateway: RegistryGateway;
  #policy: EgressPolicy;
  #usedBytes = 0;
  #refusals: readonly EgressRefusal[] = [];

  constructor(options: EgressGateOptions) {
    this.#options = options;
    this.#policy = options.policy ?? { mode: "none" };
    this.#gateway = new RegistryGateway({
      client: new RegistryClient(options.dialler),
      policy: () => this.#policy,
      count: (bytes) => this.#count(bytes),
      record: (target, reason) => this.#record(target, reason),
    });
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
    this.#gateway.cutAll();
  }

  /** Takes the guest's request for a connection; throws when it is no such request. */
  readonly accept = (payload: Uint8Array, channel: Channel): FrameHandler => {
    const request = readEgressRequest(payload);
    if (request.mode === "registry") {
      return this.#gateway.serve(request, channel, this.#tooMany());
    }
    const pipe = new EgressPipe(channel, {
      target: request,
      checksGreeting: request.mode === "tunnel",
      onBytes: (count) => {
        const tooMany = this.#count(count);
        if (tooMany !== undefined) pipe.cut(tooMany);
      },
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
    const tooMany = this.#tooMany();
    if (tooMany !== undefined) {
      refuse(tooMany);
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

  async #dial(request: EgressRequest): Promise<net.Socket> {
    const { dialler, privateOrigins } = this.#options;
    const byName = decideTarget(this.#policy, request, this.#usedBytes);
    if (!byName.allowed) throw new Error(byName.reason);
    return dialChecked(dialler, request, privateOrigins);
  }

  #tooMany(): string | undefined {
    const open = this.#pipes.size + this.#gateway.size;
    return open < MAX_CONNECTIONS
      ? undefined
      : `More than ${MAX_CONNECTIONS} connections are open.`;
  }

  /** Returns why there may be no more, once there were too many. */
  #count(bytes: number): string | undefined {
    this.#usedBytes += bytes;
    if (this.#policy.mode === "none" || this.#usedBytes <= this.#policy.maxBytes) return undefined;
    return `The limit of ${this.#policy.maxBytes} bytes of traffic is used up.`;
  }

  #record({ host, port }: Target, reason: string): void {
    const refusal = { host, port, reason, command: this.command };
    this.#refusals = withRefusal(this.#refusals, refusal);
    this.#options.log.debug({ host, port, reason }, "egress refused");
  }
}
