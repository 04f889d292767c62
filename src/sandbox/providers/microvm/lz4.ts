/** What a legacy LZ4 frame begins with, little-endian. */
export const LZ4_MAGIC = 0x184c2102;

const BLOCK_BYTES = 8 * 1024 ** 2;
const MIN_MATCH = 4;

/**
 * Unpacks the format that `lz4 -l` writes and Linux kernels are packed with: the magic number, then blocks of at most
 * 8 MiB, each after its packed length. Source: the frame description of the LZ4 project, "Legacy frame". Throws a
 * `RangeError` for anything else.
 */
export function unpackLz4(packed: Uint8Array): Uint8Array {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  if (packed.length < 4 || view.getUint32(0, true) !== LZ4_MAGIC) {
    throw new RangeError("This is no legacy LZ4 frame.");
  }
  const blocks: Uint8Array[] = [];
  let at = 4;
  while (at + 4 <= packed.length) {
    const length = view.getUint32(at, true);
    at += 4;
    if (length === LZ4_MAGIC) continue; // another frame follows
    if (at + length > packed.length) throw new RangeError("The LZ4 frame is cut off.");
    blocks.push(unpackBlock(packed.subarray(at, at + length)));
    at += length;
  }
  return Buffer.concat(blocks);
}

function unpackBlock(block: Uint8Array): Uint8Array {
  const out = new Uint8Array(BLOCK_BYTES);
  let read = 0;
  let written = 0;

  const byte = () => {
    const value = block[read];
    if (value === undefined) throw new RangeError("The LZ4 block is cut off.");
    read += 1;
    return value;
  };
  /** A length of 15 goes on in further bytes until one is not 255. */
  const length = (nibble: number) => {
    if (nibble < 15) return nibble;
    let total = nibble;
    for (let more = 255; more === 255; total += more) more = byte();
    return total;
  };

  while (read < block.length) {
    const token = byte();
    const literals = length(token >> 4);
    out.set(block.subarray(read, read + literals), written);
    read += literals;
    written += literals;
    if (read >= block.length) break; // the last sequence has no match
    const distance = byte() | (byte() << 8);
    const matched = length(token & 15) + MIN_MATCH;
    copyBack(out, written, distance, matched);
    written += matched;
  }
  return out.subarray(0, written);
}

/** The match may overlap what it makes: a distance of one repeats a byte. */
function copyBack(out: Uint8Array, to: number, distance: number, count: number): void {
  const from = to - distance;
  if (distance === 0 || from < 0) throw new RangeError("The LZ4 block refers to nothing.");
  if (to + count > out.length) throw new RangeError("The LZ4 block is too long.");
  if (distance >= count) out.copyWithin(to, from, from + count);
  else for (let i = 0; i < count; i += 1) out[to + i] = out[from + i] ?? 0;
}
