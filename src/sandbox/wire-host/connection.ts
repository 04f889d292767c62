import { once } from "node:events";
import type { Writable } from "node:stream";
import {
  createFrameDecoder,
  encodeFrame,
  FRAME,
  type Frame,
  type FrameType,
} from "../wire/frame.ts";
import { decodeMessage, WIRE_VERSION } from "../wire/message.ts";

/** One stream of the wire, seen from the host. */
export type Channel = {
  send(type: FrameType, payload?: Uint8Array): void;
  /** Frames that still come for it are dropped. */
  close(): void;
};

/** May throw: everything from a guest is untrusted, and what breaks the protocol ends the connection. */
export type FrameHandler = (frame: Frame) => void;

/** An `open` by the guest; returns who gets the stream's further frames. */
export type GuestOpen = (request: Uint8Array, channel: Channel) => FrameHandler;

const PING_EVERY_MS = 5_000;
const MISSED_PINGS = 3;

/** The wire to one guest, from its first frame to its end. */
export class Connection {
  /** Settles, with the reason, once the connection has ended; never rejects. */
  readonly closed: Promise<string>;
  /** Settles with the guest's greeting. */
  readonly ready: Promise<void>;

  readonly #input: Writable;
  readonly #handlers = new Map<number, FrameHandler>();
  readonly #onOpen: GuestOpen;
  #nextStream = 1;
  #unanswered = 0;
  #heartbeat: NodeJS.Timeout | undefined;
  #close: (reason: string) => void = () => {};
  #isReady: () => void = () => {};

  /** `output` yields what the guest writes, `input` is what it reads. Both are closed with the connection. */
  constructor(output: AsyncIterable<Uint8Array>, input: Writable, onOpen: GuestOpen) {
    this.#input = input;
    this.#onOpen = onOpen;
    this.ready = new Promise((resolve) => {
      this.#isReady = resolve;
    });
    const closed = Promise.withResolvers<string>();
    this.closed = closed.promise;
    this.#close = (reason) => {
      clearInterval(this.#heartbeat);
      input.destroy();
      closed.resolve(reason);
    };
    input.on("error", (error) => this.close(`The stream to the guest broke: ${error.message}`));
    void this.#readAll(output);
  }

  /** Ends the connection. Only the first reason counts. */
  close(reason: string): void {
    this.#close(reason);
  }

  open(request: Uint8Array, handler: FrameHandler): Channel {
    const stream = this.#nextStream;
    this.#nextStream += 2;
    this.#handlers.set(stream, handler);
    const channel = this.#channel(stream);
    channel.send(FRAME.open, request);
    return channel;
  }

  /** The guest stands still on purpose from now on: its silence is no sign of its end. */
  suspend(): void {
    clearInterval(this.#heartbeat);
  }

  /** The guest goes on. */
  wake(): void {
    this.#unanswered = 0;
    this.#startHeartbeat();
  }

  #startHeartbeat(): void {
    clearInterval(this.#heartbeat);
    this.#heartbeat = setInterval(() => this.#ping(), PING_EVERY_MS);
  }

  #channel(stream: number): Channel {
    return {
      send: (type, payload) => {
        if (!this.#input.destroyed) this.#input.write(encodeFrame(type, stream, payload));
      },
      close: () => this.#handlers.delete(stream),
    };
  }

  async #readAll(output: AsyncIterable<Uint8Array>): Promise<void> {
    const decoder = createFrameDecoder();
    try {
      for await (const chunk of output) {
        for (const frame of decoder.push(chunk)) this.#receive(frame);
        // A guest that sends without reading what it gets in answer is held back, not buffered for.
        if (this.#input.writableNeedDrain) await once(this.#input, "drain");
      }
      this.close("The guest's stream ended.");
    } catch (error) {
      this.close(`The guest's stream broke: ${error instanceof Error ? error.message : error}`);
    }
  }

  #receive(frame: Frame): void {
    if (frame.type === FRAME.hello) this.#greet(frame);
    else if (frame.type === FRAME.pong) this.#unanswered = 0;
    else if (frame.type === FRAME.open) this.#acceptOpen(frame);
    else this.#handlers.get(frame.stream)?.(frame);
  }

  #greet(frame: Frame): void {
    const hello = decodeMessage(frame.payload);
    const version = hello instanceof Object && "version" in hello ? hello.version : undefined;
    if (version !== WIRE_VERSION) throw new Error("The guest speaks another version of the wire.");
    this.#startHeartbeat();
    this.#isReady();
  }

  #acceptOpen({ stream, payload }: Frame): void {
    if (stream === 0 || stream % 2 !== 0 || this.#handlers.has(stream)) {
      throw new Error(`The guest can't open the stream ${stream}.`);
    }
    // Registered before it is judged: a refusal takes it away again.
    this.#handlers.set(stream, () => {});
    const handler = this.#onOpen(payload, this.#channel(stream));
    if (this.#handlers.has(stream)) this.#handlers.set(stream, handler);
  }

  #ping(): void {
    if (this.#unanswered >= MISSED_PINGS) {
      this.close(`The guest left ${MISSED_PINGS} pings unanswered.`);
      return;
    }
    this.#unanswered += 1;
    this.#channel(0).send(FRAME.ping);
  }
}
