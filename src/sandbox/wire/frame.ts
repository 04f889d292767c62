/**
 * What crosses the one stream between Dunlin and a guest: `u32 length, u8 type, u32 stream, payload`, big-endian.
 * Streams opened by the host have odd numbers, by the guest even ones; stream 0 is the connection itself.
 */
export const FRAME = {
  hello: 1,
  open: 2,
  opened: 3,
  refused: 4,
  data: 5,
  window: 6,
  end: 7,
  result: 8,
  kill: 9,
  ping: 10,
  pong: 11,
  keep: 12,
} as const;

export type FrameType = (typeof FRAME)[keyof typeof FRAME];

export type Frame = {
  readonly type: FrameType;
  readonly stream: number;
  readonly payload: Uint8Array;
};

export const MAX_PAYLOAD_BYTES = 64 * 1024;

const HEADER_BYTES = 9;
const FIRST_TYPE = FRAME.hello;
const LAST_TYPE = FRAME.keep;
const NO_BYTES: Uint8Array = new Uint8Array(0);

/** Throws for a payload above `MAX_PAYLOAD_BYTES`: the sender has to cut it. */
export function encodeFrame(type: FrameType, stream: number, payload = NO_BYTES): Uint8Array {
  if (payload.length > MAX_PAYLOAD_BYTES) {
    throw new RangeError(`A frame of ${payload.length} bytes is above ${MAX_PAYLOAD_BYTES}.`);
  }
  const bytes = new Uint8Array(HEADER_BYTES + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, payload.length);
  view.setUint8(4, type);
  view.setUint32(5, stream);
  bytes.set(payload, HEADER_BYTES);
  return bytes;
}

export type FrameDecoder = {
  /** The frames that `chunk` completes. Throws at a bad length or type; the decoder is of no use after that. */
  push(chunk: Uint8Array): Frame[];
};

export function createFrameDecoder(): FrameDecoder {
  const header = new Uint8Array(HEADER_BYTES);
  let headerBytes = 0;
  let payload = NO_BYTES;
  let payloadBytes = 0;

  /** Copies what belongs to the frame in progress; returns how many bytes it took. */
  function fill(chunk: Uint8Array): number {
    if (headerBytes < HEADER_BYTES) {
      const part = chunk.subarray(0, HEADER_BYTES - headerBytes);
      header.set(part, headerBytes);
      headerBytes += part.length;
      if (headerBytes === HEADER_BYTES) payload = new Uint8Array(checkHeader(header).length);
      return part.length;
    }
    const part = chunk.subarray(0, payload.length - payloadBytes);
    payload.set(part, payloadBytes);
    payloadBytes += part.length;
    return part.length;
  }

  return {
    push(chunk) {
      const frames: Frame[] = [];
      let rest = chunk;
      while (rest.length > 0) {
        rest = rest.subarray(fill(rest));
        if (headerBytes < HEADER_BYTES || payloadBytes < payload.length) continue;
        const { type, stream } = checkHeader(header);
        frames.push({ type, stream, payload });
        headerBytes = 0;
        payload = NO_BYTES;
        payloadBytes = 0;
      }
      return frames;
    },
  };
}

function checkHeader(header: Uint8Array): { length: number; type: FrameType; stream: number } {
  const view = new DataView(header.buffer, header.byteOffset);
  const length = view.getUint32(0);
  const type = view.getUint8(4);
  if (length > MAX_PAYLOAD_BYTES) throw new Error(`A frame announces ${length} bytes.`);
  if (!isFrameType(type)) throw new Error(`A frame has the unknown type ${type}.`);
  return { length, type, stream: view.getUint32(5) };
}

function isFrameType(type: number): type is FrameType {
  return type >= FIRST_TYPE && type <= LAST_TYPE;
}
