import type { Readable, Writable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  createFrameDecoder,
  encodeFrame,
  FRAME,
  type Frame,
  type FrameType,
} from "../wire/frame.ts";
import { decodeMessage, encodeMessage, type Keep, WIRE_VERSION } from "../wire/message.ts";
import { createTokenScanner, type TokenScanner } from "../wire/token.ts";

/** One stream of the wire, seen from inside the sandbox. */
export type Channel = {
  send(type: FrameType, payload?: Uint8Array): void;
  /** Frames that still come for it are dropped. */
  close(): void;
  /** Its host is gone: what is sent goes nowhere, and no credit will come. */
  isOver(): boolean;
};

export type FrameHandler = (frame: Frame) => void;

/** An `open` by the host; returns who gets the stream's further frames. */
export type HostOpen = (request: Uint8Array, channel: Channel) => FrameHandler;

export type LinkOptions = {
  readonly input: Readable;
  readonly output: Writable;
  readonly onOpen: HostOpen;
  /** Resolves when nothing that a host asked for is still going on. */
  readonly idle: () => Promise<void>;
  /** A host that says nothing for twice this long is gone. */
  readonly silenceMs: number;
  /** Ends the process. Called when the wire ends or breaks, or time is over. */
  readonly leave: (reason: string) => void;
};

/**
 * The guest's end of the wire. A guest that isn't kept goes with its host. One that is kept (`FRAME.keep`) stands still
 * when its host breaks the protocol or falls silent, until a host with the token takes over or its time is over.
 */
export class Link {
  readonly #options: LinkOptions;
  readonly #handlers = new Map<number, FrameHandler>();
  #decoder = createFrameDecoder();
  #takenOver: TokenScanner | undefined;
  #token = new Uint8Array(0);
  /** Grows with each host: channels of an earlier one are over. */
  #host = 0;
  #isBroken = false;
  #nextStream = 2;
  #silence: NodeJS.Timeout | undefined;
  #expiry: NodeJS.Timeout | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
    const { input, output, leave } = options;
    input.on("data", (chunk: Uint8Array) => this.#take(chunk));
    for (const stream of [input, output]) {
      stream.on("error", (error: Error) => leave(`The wire broke: ${error.message}`));
      stream.on("close", () => leave("The host has closed the wire."));
    }
    this.#listen();
  }

  greet(): void {
    this.#channel(0).send(FRAME.hello, encodeMessage({ version: WIRE_VERSION }));
  }

  /** Opens a stream of the guest's own. */
  open(handler: FrameHandler, request: Uint8Array): Channel {
    const stream = this.#nextStream;
    this.#nextStream += 2;
    this.#handlers.set(stream, handler);
    const channel = this.#channel(stream);
    channel.send(FRAME.open, request);
    return channel;
  }

  #channel(stream: number): Channel {
    const host = this.#host;
    const isOver = () => host !== this.#host;
    return {
      isOver,
      send: (type, payload) => {
        if (!isOver()) this.#options.output.write(encodeFrame(type, stream, payload));
      },
      close: () => {
        if (!isOver()) this.#handlers.delete(stream);
      },
    };
  }

  #take(chunk: Uint8Array): void {
    this.#listen();
    const rest = this.#takenOver?.(chunk);
    if (rest !== undefined) {
      this.#dropHost();
      this.#isBroken = false;
      void this.#answerToken();
    }
    if (this.#isBroken) return;
    try {
      for (const frame of this.#decoder.push(rest ?? chunk)) this.#receive(frame);
    } catch (error) {
      this.#giveUp(
        `The host broke the protocol: ${error instanceof Error ? error.message : error}`,
      );
    }
  }

  #receive(frame: Frame): void {
    const { type, stream, payload } = frame;
    if (type === FRAME.ping) this.#channel(stream).send(FRAME.pong, payload);
    else if (type === FRAME.keep)
      this.#keep(decodeMessage(payload) as Keep); // from a trusted host
    else if (type === FRAME.open) this.#accept(stream, payload);
    else this.#handlers.get(stream)?.(frame);
  }

  #accept(stream: number, payload: Uint8Array): void {
    if (stream % 2 === 0 || this.#handlers.has(stream)) {
      throw new Error(`The host can't open the stream ${stream}.`);
    }
    // Registered before it is looked at: a refusal takes it away again.
    this.#handlers.set(stream, () => {});
    const handler = this.#options.onOpen(payload, this.#channel(stream));
    if (this.#handlers.has(stream)) this.#handlers.set(stream, handler);
  }

  #keep({ token, lifetimeMs }: Keep): void {
    this.#token = Uint8Array.from(Buffer.from(token, "hex"));
    this.#takenOver = createTokenScanner(this.#token);
    clearTimeout(this.#expiry);
    this.#expiry = setTimeout(this.#options.leave, lifetimeMs, "The sandbox's time is over.");
  }

  /** Twice, because a process that stood still finds its timer over before it has read what came meanwhile. */
  #listen(): void {
    const { silenceMs } = this.#options;
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      this.#silence = setTimeout(() => this.#giveUp("The host is silent."), silenceMs);
    }, silenceMs);
  }

  #giveUp(reason: string): void {
    if (this.#takenOver === undefined) this.#options.leave(reason);
    else {
      this.#isBroken = true;
      this.#dropHost();
    }
  }

  #dropHost(): void {
    this.#host += 1;
    this.#decoder = createFrameDecoder();
    const handlers = [...this.#handlers];
    this.#handlers.clear();
    for (const [stream, handler] of handlers) {
      handler({ type: FRAME.kill, stream, payload: new Uint8Array(0) });
    }
  }

  async #answerToken(): Promise<void> {
    const host = this.#host;
    // What was killed a moment ago has yet to go.
    await nextTurn();
    await this.#options.idle();
    if (host !== this.#host) return; // another host came meanwhile
    this.#dropHost(); // what was opened meanwhile, nobody has heard of
    this.#options.output.write(this.#token);
    this.greet();
  }
}
