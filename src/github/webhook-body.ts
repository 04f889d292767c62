import type { IncomingMessage } from "node:http";

const MOST_BYTES = 25 * 1024 * 1024;
// Of all requests together: many large ones at once, signed or not, must not fill the memory.
const MOST_HELD_BYTES = 2 * MOST_BYTES;

export type Body =
  | { readonly text: string; release(): void }
  | { readonly status: 400 | 408 | 413 | 503; readonly reason: string };

const TOO_LARGE = { status: 413, reason: "A delivery has at most 25 MiB." } as const;
const TOO_MANY = { status: 503, reason: "Too many large deliveries at once." } as const;
const TOO_SLOW = { status: 408, reason: "The delivery did not arrive in time." } as const;
const NOT_UTF8 = { status: 400, reason: "The delivery is not UTF-8." } as const;

type Held = { bytes: number };

/** Reads bodies within bounds of size, time and memory. Call `release` when done with the text. */
export function createBodyReader(timeoutMs: number): (request: IncomingMessage) => Promise<Body> {
  const all: Held = { bytes: 0 };
  return async (request) => {
    if (Number(request.headers["content-length"] ?? 0) > MOST_BYTES) return TOO_LARGE;
    const own: Held = { bytes: 0 };
    const release = () => {
      all.bytes -= own.bytes;
      own.bytes = 0;
    };
    // Nothing can be answered to somebody who never ends: the connection is closed.
    const deadline = setTimeout(() => request.destroy(), timeoutMs);
    const read = await collect(request, own, all).catch(() => TOO_SLOW);
    clearTimeout(deadline);
    if ("text" in read) return { text: read.text, release };
    release();
    return read;
  };
}

/** Decodes what comes as it comes, so that no body is held twice. A byte order mark stays: the signature is over it. */
async function collect(request: IncomingMessage, own: Held, all: Held) {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let text = "";
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    own.bytes += chunk.length;
    all.bytes += chunk.length;
    if (own.bytes > MOST_BYTES) return TOO_LARGE;
    if (all.bytes > MOST_HELD_BYTES) return TOO_MANY;
    const part = decode(() => decoder.decode(chunk, { stream: true }));
    if (part === undefined) return NOT_UTF8;
    text += part;
  }
  const rest = decode(() => decoder.decode());
  return rest === undefined ? NOT_UTF8 : { text: text + rest };
}

function decode(decodeIt: () => string): string | undefined {
  try {
    return decodeIt();
  } catch {
    return undefined;
  }
}
