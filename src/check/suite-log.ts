import type { OutputChunk } from "../sandbox/sandbox.ts";
import { cleanText } from "./clean-text.ts";

/** An incremental digest, e.g. `() => createHash("sha256")` of Node. */
export type Hash = { update(data: Uint8Array): unknown; digest(encoding: "hex"): string };

const KEPT_BYTES = 64 * 1024;
const TAIL_LENGTH = 8000;

/** Output of a command as it comes: the digest of all of it, and its end. */
export class SuiteLog {
  readonly #hash: Hash;
  readonly #kept: Uint8Array[] = [];
  #keptBytes = 0;

  constructor(hash: Hash) {
    this.#hash = hash;
  }

  add(chunk: OutputChunk): void {
    this.#hash.update(chunk.data);
    this.#kept.push(chunk.data.slice(-KEPT_BYTES));
    this.#keptBytes += Math.min(chunk.data.length, KEPT_BYTES);
    while (this.#keptBytes - (this.#kept[0]?.length ?? 0) >= KEPT_BYTES) {
      this.#keptBytes -= this.#kept.shift()?.length ?? 0;
    }
  }

  /** Up to 64 KiB of the end, cleaned. */
  end(): string {
    const whole = new Uint8Array(this.#keptBytes);
    let offset = 0;
    for (const part of this.#kept) {
      whole.set(part, offset);
      offset += part.length;
    }
    return cleanText(whole.slice(-KEPT_BYTES));
  }

  sha256(): string {
    return this.#hash.digest("hex");
  }
}

/** The last part of a cleaned log, from the start of a line. */
export function tailOf(log: string): string {
  if (log.length <= TAIL_LENGTH) return log;
  const cut = log.slice(-TAIL_LENGTH);
  return cut.slice(cut.indexOf("\n") + 1).toWellFormed();
}
