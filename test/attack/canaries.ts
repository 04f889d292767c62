import { randomInt } from "node:crypto";

/** A value that must never be seen outside of the place where it was put. */
export type Canary = { readonly name: string; readonly value: string | Buffer };

export type Find = { readonly canary: string; readonly form: string; readonly where: string };

/** How many characters in a row are enough to be recognized. */
const WINDOW = 12;
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** 40 random letters and digits, after a prefix that makes it look like what it stands for. */
export function makeCanary(name: string, prefix = "") {
  const random = Array.from({ length: 40 }, () => LETTERS[randomInt(LETTERS.length)]).join("");
  return { name, value: `${prefix}${random}` };
}

type Form = readonly [name: string, write: (bytes: Buffer) => string];

const BASE64: readonly Form[] = [0, 1, 2].map((offset) => [
  `base64 at ${offset}`,
  (bytes) => bytes.subarray(offset).toString("base64").replaceAll("=", ""),
]);

const ONCE: readonly Form[] = [
  ["plain", (bytes) => bytes.toString("latin1")],
  ["reversed", (bytes) => Buffer.from(bytes).reverse().toString("latin1")],
  ...BASE64,
  ["base64url", (bytes) => bytes.toString("base64url")],
  ["hex", (bytes) => bytes.toString("hex")],
  ["upper hex", (bytes) => bytes.toString("hex").toUpperCase()],
  ["upper case", (bytes) => bytes.toString("latin1").toUpperCase()],
  ["lower case", (bytes) => bytes.toString("latin1").toLowerCase()],
];

/** Every form, of every form. */
function* formsOf(bytes: Buffer): Generator<readonly [form: string, text: string]> {
  for (const [first, write] of ONCE) {
    for (const [second, again] of ONCE) {
      const text = again(Buffer.from(write(bytes), "latin1"));
      const steps = [first, second].filter((step) => step !== "plain");
      const name = steps.length === 0 ? "plain" : steps.join(", then ");
      yield [name, text];
    }
  }
}

/**
 * Looks for canaries in streams: any 12 characters in a row of any form, also where other characters than letters and
 * digits stand between them (line ends, escapes, zero-width ones).
 */
export class CanaryScanner {
  readonly #needles = new Map<string, readonly [canary: string, form: string]>();
  /** Which values the first four bytes of a needle have, so that nearly all positions are passed over quickly. */
  readonly #starts = new Uint8Array(1 << 21);

  constructor(canaries: readonly Canary[]) {
    for (const { name, value } of canaries) {
      const bytes = typeof value === "string" ? Buffer.from(value) : value;
      for (const [form, text] of formsOf(bytes)) {
        this.#add(text, name, form);
        this.#add(text.replaceAll(/[^A-Za-z0-9]/g, ""), name, `${form}, interrupted`);
      }
    }
  }

  #add(text: string, canary: string, form: string): void {
    const bytes = Buffer.from(text, "latin1");
    for (let at = 0; at + WINDOW <= bytes.length; at++) {
      const window = bytes.toString("latin1", at, at + WINDOW);
      if (this.#needles.has(window)) continue;
      this.#needles.set(window, [canary, form]);
      const start = startOf(bytes, at);
      this.#starts[start >>> 3] = (this.#starts[start >>> 3] ?? 0) | (1 << (start & 7));
    }
  }

  /** At most one find a canary and form. */
  async scan(
    where: string,
    content: Uint8Array | string | Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  ): Promise<readonly Find[]> {
    const finds = new Map<string, Find>();
    const note = (window: string) => {
      const found = this.#needles.get(window);
      if (found === undefined) return;
      const [canary, form] = found;
      const key = `${canary} ${form}`;
      if (!finds.has(key)) finds.set(key, { canary, form, where });
    };
    let asItIs: Buffer = Buffer.alloc(0);
    let squeezed: Buffer = Buffer.alloc(0);
    for await (const chunk of chunksOf(content)) {
      asItIs = this.#look(Buffer.concat([asItIs, chunk]), note);
      squeezed = this.#look(Buffer.concat([squeezed, squeeze(chunk)]), note);
    }
    return [...finds.values()];
  }

  /** Gives back what the next chunk may go on with. */
  #look(bytes: Buffer, note: (window: string) => void): Buffer {
    for (let at = 0; at + WINDOW <= bytes.length; at++) {
      const start = startOf(bytes, at);
      if (((this.#starts[start >>> 3] ?? 0) & (1 << (start & 7))) === 0) continue;
      note(bytes.toString("latin1", at, at + WINDOW));
    }
    return bytes.subarray(Math.max(0, bytes.length - WINDOW + 1));
  }
}

function startOf(bytes: Buffer, at: number): number {
  return Math.imul(bytes.readUInt32LE(at), 0x9e3779b1) >>> 8;
}

/** Letters and digits only. */
function squeeze(bytes: Uint8Array): Buffer {
  const out = Buffer.allocUnsafe(bytes.length);
  let length = 0;
  for (const byte of bytes) {
    const lower = byte | 0x20;
    if ((byte >= 0x30 && byte <= 0x39) || (lower >= 0x61 && lower <= 0x7a)) out[length++] = byte;
  }
  return out.subarray(0, length);
}

async function* chunksOf(
  content: Uint8Array | string | Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  if (typeof content === "string") yield Buffer.from(content);
  else if (content instanceof Uint8Array) yield content;
  else yield* content;
}
