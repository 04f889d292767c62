import { FRAME, MAX_PAYLOAD_BYTES } from "../wire/frame.ts";
import { createSendWindow, decodeCredit } from "../wire/window.ts";
import type { Channel } from "./connection.ts";

/** Bytes on their way to the guest on one stream, no faster than it takes them. */
export class Outflow {
  readonly #channel: Channel;
  readonly #window = createSendWindow();
  #isStopped = false;
  #wake: () => void = () => {};

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  /** Takes the payload of the guest's `window`; throws when it gives back more than it got. */
  grant(payload: Uint8Array): void {
    this.#window.grant(decodeCredit(payload));
    this.#wake();
  }

  /** What still waits is not sent any more. */
  stop(): void {
    this.#isStopped = true;
    this.#wake();
  }

  async send(chunk: Uint8Array): Promise<void> {
    for (let rest = chunk; rest.length > 0 && !this.#isStopped; ) {
      const part = rest.subarray(0, Math.min(this.#window.available(), MAX_PAYLOAD_BYTES));
      if (part.length === 0) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      this.#window.spend(part.length);
      this.#channel.send(FRAME.data, part);
      rest = rest.subarray(part.length);
    }
  }
}
