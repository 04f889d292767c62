import type net from "node:net";
import { decideServerName, type Target } from "../egress.ts";
import { FRAME, type Frame } from "../wire/frame.ts";
import { createReceiveWindow, encodeCredit } from "../wire/window.ts";
import type { Channel } from "./connection.ts";
import { Outflow } from "./outflow.ts";
import { readGreeting } from "./server-name.ts";

const HTTPS_PORT = 443;

export type EgressPipeOptions = {
  readonly target: Target;
  /** Whether the first bytes must be a TLS greeting for the target, as far as they are one. */
  readonly checksGreeting: boolean;
  /** Hears of every byte, both ways. */
  readonly onBytes: (count: number) => void;
  /** Hears why the connection was cut, if the policy was why. */
  readonly onCut: (reason: string) => void;
};

/** One connection made for a sandbox: frames on one side, a socket on the other. */
export class EgressPipe {
  readonly #channel: Channel;
  readonly #options: EgressPipeOptions;
  readonly #receiving = createReceiveWindow();
  readonly #outflow: Outflow;
  #socket: net.Socket | undefined;
  #greeting: Uint8Array | undefined;
  #isClosed = false;

  constructor(channel: Channel, options: EgressPipeOptions) {
    this.#channel = channel;
    this.#outflow = new Outflow(channel);
    this.#options = options;
    if (options.checksGreeting) this.#greeting = new Uint8Array(0);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Carries bytes between the guest and `socket` until both have ended; resolves then. */
  async join(socket: net.Socket): Promise<void> {
    this.#socket = socket;
    const ended = new Promise<void>((resolve) => socket.on("close", resolve));
    socket.on("error", () => this.cut());
    this.#channel.send(FRAME.opened);
    // A socket may be closed while its last bytes still wait for the guest.
    await Promise.all([ended, this.#sendAll(socket)]);
    this.cut();
  }

  /** Ends the connection at once, on both sides. Idempotent. */
  cut(reason?: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (reason !== undefined) this.#options.onCut(reason);
    this.#channel.send(FRAME.kill);
    this.#channel.close();
    this.#socket?.destroy();
    this.#outflow.stop();
  }

  /** Tells the guest that there will be no connection, and why. */
  refuse(reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#channel.send(FRAME.refused, new TextEncoder().encode(reason));
    this.#channel.close();
  }

  receive({ type, payload }: Frame): void {
    if (type === FRAME.kill) this.cut();
    else if (this.#socket === undefined) throw new Error("Traffic came before its connection.");
    else if (type === FRAME.data) this.#forward(this.#socket, payload);
    else if (type === FRAME.end) this.#socket.end();
    else if (type === FRAME.window) this.#outflow.grant(payload);
    else throw new Error(`A frame of type ${type} has no place in an egress stream.`);
  }

  #forward(socket: net.Socket, data: Uint8Array): void {
    this.#receiving.receive(data.length);
    this.#options.onBytes(data.length);
    const checked = this.#checkGreeting(data);
    // The credit of what waits for the rest of a greeting is given back at once: it is little.
    if (checked === undefined || socket.destroyed) this.#giveBack(data.length);
    else socket.write(checked, () => this.#giveBack(data.length));
  }

  /** What may go out now: nothing while the greeting is incomplete, or when it is for somebody else. */
  #checkGreeting(data: Uint8Array): Uint8Array | undefined {
    if (this.#greeting === undefined) return data;
    this.#greeting = Buffer.concat([this.#greeting, data]);
    const greeting = readGreeting(this.#greeting);
    if (greeting.kind === "incomplete") return undefined;
    const { target } = this.#options;
    if (greeting.kind === "tls") {
      const decision = decideServerName(target, greeting.serverName);
      if (!decision.allowed) this.cut(decision.reason);
    } else if (target.port === HTTPS_PORT) {
      this.cut("The connection to port 443 does not begin with TLS.");
    }
    if (this.#isClosed) return undefined;
    const all = this.#greeting;
    this.#greeting = undefined;
    return all;
  }

  #giveBack(bytes: number): void {
    const credit = this.#receiving.consume(bytes);
    if (credit > 0 && !this.#isClosed) this.#channel.send(FRAME.window, encodeCredit(credit));
  }

  async #sendAll(socket: net.Socket): Promise<void> {
    try {
      for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
        this.#options.onBytes(chunk.length);
        await this.#outflow.send(chunk);
      }
      if (!this.#isClosed) this.#channel.send(FRAME.end);
    } catch {
      this.cut(); // the socket broke; the guest sees its connection reset
    }
  }
}
