import { on } from "node:events";
import type { Readable } from "node:stream";

const HELD_BACK = { close: ["end", "close"], highWaterMark: 1, lowWaterMark: 1 };

/**
 * A stream's chunks, the memory of each given back as soon as the next one is asked for. Left to the collector, what a
 * stream has read is given back only once there are some 64 MiB of it. Whoever keeps a chunk has to copy it.
 */
export async function* released(stream: Readable): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    if (stream.errored !== null) throw stream.errored;
    if (stream.destroyed) return;
    // By its events: its own iterator joins what has come meanwhile, into memory that is new again.
    for await (const [chunk] of on(stream, "data", HELD_BACK)) {
      yield chunk;
      release(chunk);
    }
  } finally {
    stream.destroy();
  }
}

/** Gives memory back at once, if nobody shares it; its owner has no more use for it. */
export function release({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}
