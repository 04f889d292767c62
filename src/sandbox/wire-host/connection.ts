import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { Writable } from "node:stream";
import { Failure } from "../../errors.ts";
import {
  createFrameDecoder,
  encodeFrame,
  FRAME,
  type Frame,
  type FrameType,
} from "../wire/frame.ts";
import { decodeMessage, encodeMessage, WIRE_VERSION } from "../wire/message.ts";
import { createTokenScanner, TOKEN_BYTES, type TokenScanner } from "../wire/token.ts";

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
/** The longest time that a timer of Node's takes. */
const MAX_LIFETIME_MS = 2 ** 31 - 1;

/** What opens the wire of a guest that is kept; a secret. */
export function newToken(): Uint8Array {
  return randomBytes(TOKEN_BYTES);
}

/** The wire to one guest, from its first frame to its end. */
export class Connection {
  /** Settles, with the reason, once the connection has ended; never rejects. */
  readonly closed: Promise<string>;
  /** Settles with the guest's greeting. */
  readonly ready: Promise<void>;

  readonly #input: Writable;
  readonly #missedPings: number;
  readonly #handlers = new Map<number, FrameHandler>();
  readonly #onOpen: GuestOpen;
  /** Set until a guest that is taken over has shown where its answer begins. */
  #takeover: TokenScanner | undefined;
  #isGreeted = false;
  #nextStream = 1;
  #lastGuestStream = 0;
  #unanswered = 0;
  #isClosed = false;
  #keep: ((lifetimeMs: number) => void) | undefined;
  #heartbeat: NodeJS.Timeout | undefined;
  #close: (reason: string) => void = () => {};
  #isReady: () => void = () => {};
  #onPong: () => void = () => {};

  /**
   * `output` yields what the guest writes, `input` is what it reads. Both are closed with the connection. With `token`,
   * the guest is one that another process has left, at whatever point: it is taken over, and what ran in it ended.
   */
  constructor(
    output: AsyncIterable<Uint8Array>,
    input: Writable,
    onOpen: GuestOpen,
    token?: Uint8Array,
    /** How many answers may be missing; more for a machine that is slow in a good hour. */
    missedPings = MISSED_PINGS,
  ) {
    this.#missedPings = missedPings;
    this.#input = input;
    this.#onOpen = onOpen;
    this.ready = new Promise((resolve) => {
      this.#isReady = resolve;
    });
    const closed = Promise.withResolvers<string>();
    this.closed = closed.promise;
    this.#close = (reason) => {
      if (this.#isClosed) return;
      this.#isClosed = true;
      this.#keep?.(1); // it wouldn't go with its wire
      clearInterval(this.#heartbeat);
      input.destroy();
      closed.resolve(reason);
    };
    input.on("error", (error) => this.close(`The stream to the guest broke: ${error.message}`));
    if (token !== undefined) {
      this.#takeover = createTokenScanner(token);
      input.write(token);
    }
    void this.#readAll(output);
  }

  /** From now on the guest lives without this process too, for so long, and whoever has the token takes it over. */
  keep(token: Uint8Array, lifetimeMs: number): void {
    this.#keep = (ms) => {
      const keep = { token: Buffer.from(token).toString("hex"), lifetimeMs: ms };
      this.#channel(0).send(FRAME.keep, encodeMessage(keep));
    };
    this.#keep(Math.min(lifetimeMs, MAX_LIFETIME_MS));
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

  /** Resolves once the guest has answered; rejects when it hasn't in this time, or is gone. */
  async answer(withinMs: number): Promise<void> {
    const answered = Promise.withResolvers<string>();
    this.#onPong = () => answered.resolve("");
    this.#channel(0).send(FRAME.ping);
    const timer = setTimeout(() => answered.resolve("The guest doesn't answer."), withinMs);
    const problem = await Promise.race([answered.promise, this.closed]);
    clearTimeout(timer);
    if (problem !== "") throw new Failure("unavailable", "sandbox-lost", problem);
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
    if (this.#isClosed) return;
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
        const bytes = this.#sinceTakeover(chunk);
        if (this.#isClosed) return;
        if (bytes === undefined) continue;
        for (const frame of decoder.push(bytes)) this.#receive(frame);
        // A guest that sends without reading what it gets in answer is held back, not buffered for.
        if (this.#input.writableNeedDrain) await once(this.#input, "drain");
      }
      this.close("The guest's stream ended.");
    } catch (error) {
      this.close(`The guest's stream broke: ${error instanceof Error ? error.message : error}`);
    }
  }

  /** What comes before its token a taken-over guest has said to somebody else. */
  #sinceTakeover(chunk: Uint8Array): Uint8Array | undefined {
    if (this.#takeover === undefined) return chunk;
    const rest = this.#takeover(chunk);
    if (rest !== undefined) this.#takeover = undefined;
    return rest;
  }

  #receive(frame: Frame): void {
    if (frame.type === FRAME.hello) this.#greet(frame);
    else if (!this.#isGreeted) throw new Error("The guest spoke before its greeting.");
    else if (frame.type === FRAME.pong) this.#hearPong();
    else if (frame.type === FRAME.open) this.#acceptOpen(frame);
    else {
      this.#requireOpened(frame.stream);
      this.#handlers.get(frame.stream)?.(frame);
    }
  }

  #hearPong(): void {
    this.#unanswered = 0;
    this.#onPong();
  }

  /** Frames may still come for a stream that was closed, but none for one that nobody ever opened. */
  #requireOpened(stream: number): void {
    const isHosts = stream % 2 === 1;
    if (stream > 0 && stream <= (isHosts ? this.#nextStream - 2 : this.#lastGuestStream)) return;
    throw new Error(`Nobody has opened the stream ${stream}.`);
  }

  #greet(frame: Frame): void {
    if (this.#isGreeted) throw new Error("The guest has greeted twice.");
    const hello = decodeMessage(frame.payload);
    const version = hello instanceof Object && "version" in hello ? hello.version : undefined;
    if (version !== WIRE_VERSION) throw new Error("The guest speaks another version of the wire.");
    this.#isGreeted = true;
    this.#startHeartbeat();
    this.#isReady();
  }

  #acceptOpen({ stream, payload }: Frame): void {
    if (stream % 2 !== 0 || stream <= this.#lastGuestStream) {
      throw new Error(`The guest can't open the stream ${stream}.`);
    }
    this.#lastGuestStream = stream;
    // Registered before it is judged: a refusal takes it away again.
    this.#handlers.set(stream, () => {});
    const handler = this.#onOpen(payload, this.#channel(stream));
    if (this.#handlers.has(stream)) this.#handlers.set(stream, handler);
  }

  #ping(): void {
    if (this.#unanswered >= this.#missedPings) {
      this.close(`The guest left ${this.#missedPings} pings unanswered.`);
      return;
    }
    this.#unanswered += 1;
    this.#channel(0).send(FRAME.ping);
  }
}
