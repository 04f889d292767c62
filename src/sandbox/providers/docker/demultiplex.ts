/** The engine's name for a container's descriptor. */
export type StreamKind = "stdin" | "stdout" | "stderr";

const KINDS: readonly StreamKind[] = ["stdin", "stdout", "stderr"];
const HEADER_BYTES = 8;

/**
 * Takes an attached stream apart: `u8 kind, 3 zero bytes, u32 length, data`. Yields pieces as they come, so nothing is
 * gathered whatever length is announced, and a reader that stands still holds the engine back. Throws at a bad header
 * and when the stream ends within a piece.
 */
export async function* demultiplex(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ readonly kind: StreamKind; readonly data: Uint8Array }, void, undefined> {
  const header = new Uint8Array(HEADER_BYTES);
  let headerBytes = 0;
  let kind: StreamKind = "stdout";
  let left = 0;
  for await (const chunk of source) {
    let rest = chunk;
    while (rest.length > 0) {
      if (left > 0) {
        const data = rest.subarray(0, left);
        left -= data.length;
        rest = rest.subarray(data.length);
        yield { kind, data };
        continue;
      }
      const part = rest.subarray(0, HEADER_BYTES - headerBytes);
      header.set(part, headerBytes);
      headerBytes += part.length;
      rest = rest.subarray(part.length);
      if (headerBytes < HEADER_BYTES) continue;
      headerBytes = 0;
      kind = readKind(header);
      left = new DataView(header.buffer).getUint32(4);
    }
  }
  if (left > 0 || headerBytes > 0) throw new Error("The engine's stream ended within a piece.");
}

function readKind(header: Uint8Array): StreamKind {
  const kind = KINDS[header[0] ?? -1];
  if (kind === undefined || header[1] !== 0 || header[2] !== 0 || header[3] !== 0) {
    throw new Error("The engine's stream has a header of an unknown kind.");
  }
  return kind;
}
