import { Duplex } from "node:stream";
import { FRAME, type Frame, MAX_PAYLOAD_BYTES } from "../wire/frame.ts";
import { type EgressRequest, encodeMessage, type RegistryRequest } from "../wire/message.ts";
import {
  createReceiveWindow,
  createSendWindow,
  decodeCredit,
  encodeCredit,
} from "../wire/window.ts";
import type { Channel, Link } from "./link.ts";

/**
 * A connection that the host makes for the sandbox, as a stream: `open` (with what the host says to it) or `refused`
 * (with a reason) comes first.
 */
export class Tunnel extends Duplex {
  readonly #channel: Channel;
  readonly #sending = createSendWindow();
  readonly #receiving = createReceiveWindow();
  #unread = 0;
  #waiting: { chunk: Uint8Array; done: () => void } | undefined;

  constructor(link: Link, request: EgressRequest | RegistryRequest) {
    super();
    this.#channel = link.open((frame) => this.#receive(frame), encodeMessage(request));
  }

  #receive({ type, payload }: Frame): void {
    if (type === FRAME.opened) this.emit("open", payload);
    else if (type === FRAME.refused) this.emit("refused", new TextDecoder().decode(payload));
    else if (type === FRAME.end) this.push(null);
    else if (type === FRAME.kill) this.destroy();
    else if (type === FRAME.window) {
      this.#sending.grant(decodeCredit(payload));
      this.#flush();
    } else if (type === FRAME.data) {
      this.#receiving.receive(payload.length);
      this.#unread += payload.length;
      this.push(payload);
    }
  }

  override _read(): void {
    const credit = this.#receiving.consume(this.#unread);
    this.#unread = 0;
    if (credit > 0) this.#channel.send(FRAME.window, encodeCredit(credit));
  }

  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    this.#waiting = { chunk, done };
    this.#flush();
  }

  #flush(): void {
    while (this.#waiting !== undefined && this.#sending.available() > 0) {
      const { chunk, done } = this.#waiting;
      const part = chunk.subarray(0, Math.min(this.#sending.available(), MAX_PAYLOAD_BYTES));
      this.#sending.spend(part.length);
      this.#channel.send(FRAME.data, part);
      const rest = chunk.subarray(part.length);
      this.#waiting = rest.length > 0 ? { chunk: rest, done } : undefined;
      if (rest.length === 0) done();
    }
  }

  override _final(done: () => void): void {
    this.#channel.send(FRAME.end);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#channel.send(FRAME.kill);
    this.#channel.close();
    done(error);
  }
}
