/** Only who knows a guest's token takes its wire over. */
export const TOKEN_BYTES = 32;

/** Takes the next piece of a stream; returns what follows the token in it once the token is complete. */
export type TokenScanner = (chunk: Uint8Array) => Uint8Array | undefined;

/** Finds the token in a stream of anything, however both are cut into pieces; keeps less than one token of it. */
export function createTokenScanner(token: Uint8Array): TokenScanner {
  let tail: Uint8Array = new Uint8Array(0);
  return (chunk) => {
    const seam = joined(tail, chunk.subarray(0, token.length - 1));
    const atSeam = indexOf(seam, token);
    const at = atSeam === -1 ? indexOf(chunk, token) : atSeam - tail.length;
    if (at !== -1 || atSeam !== -1) {
      tail = new Uint8Array(0);
      return chunk.subarray(at + token.length);
    }
    const rest = chunk.length < token.length ? joined(tail, chunk) : chunk;
    tail = new Uint8Array(rest.subarray(Math.max(0, rest.length - token.length + 1))); // a copy
    return undefined;
  };
}

function indexOf(bytes: Uint8Array, token: Uint8Array): number {
  const first = token[0] ?? 0;
  for (let at = bytes.indexOf(first); at !== -1; at = bytes.indexOf(first, at + 1)) {
    if (at + token.length > bytes.length) return -1;
    if (token.every((byte, index) => bytes[at + index] === byte)) return at;
  }
  return -1;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}
