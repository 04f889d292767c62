import fc from "fast-check";
import { expect, test } from "vitest";
import {
  createFrameDecoder,
  encodeFrame,
  FRAME,
  type Frame,
  MAX_PAYLOAD_BYTES,
} from "../../../../src/sandbox/wire/frame.ts";

const frame: fc.Arbitrary<Frame> = fc.record({
  type: fc.constantFrom(...Object.values(FRAME)),
  stream: fc.integer({ min: 0, max: 0xffff_ffff }),
  payload: fc.uint8Array({ maxLength: 200 }),
});

function encodeAll(frames: readonly Frame[]): Uint8Array {
  return Buffer.concat(
    frames.map(({ type, stream, payload }) => encodeFrame(type, stream, payload)),
  );
}

/** Cuts bytes into pieces of the given sizes, over and over. */
function* cut(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  for (let at = 0, index = 0; at < bytes.length; index += 1) {
    const size = sizes[index % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

test("frames come out as they went in, however the bytes were cut", () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 10 });
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 10 }), sizes, (frames, pieceSizes) => {
      const decoder = createFrameDecoder();
      const found = [...cut(encodeAll(frames), pieceSizes)].flatMap((piece) => decoder.push(piece));
      expect(found.map((f) => ({ ...f, payload: [...f.payload] }))).toEqual(
        frames.map((f) => ({ ...f, payload: [...f.payload] })),
      );
    }),
  );
});

test("whatever bytes come, the decoder gives sound frames or throws", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 20 }), (pieces) => {
      const decoder = createFrameDecoder();
      try {
        for (const found of pieces.flatMap((piece) => decoder.push(piece))) {
          expect(Object.values(FRAME)).toContain(found.type);
          expect(found.payload.length).toBeLessThanOrEqual(MAX_PAYLOAD_BYTES);
        }
      } catch (error) {
        expect(String(error)).toMatch(/A frame (announces|has the unknown type)/);
      }
    }),
  );
});

test("a length above the limit or an unknown type is refused before its payload comes", () => {
  const header = (length: number, type: number) => {
    const bytes = encodeFrame(FRAME.data, 1);
    new DataView(bytes.buffer).setUint32(0, length);
    bytes[4] = type;
    return bytes;
  };
  const push = (bytes: Uint8Array) => () => createFrameDecoder().push(bytes);
  expect(push(header(MAX_PAYLOAD_BYTES, FRAME.data))).not.toThrow();
  expect(push(header(MAX_PAYLOAD_BYTES + 1, FRAME.data))).toThrow("announces 65537 bytes");
  expect(push(header(0xffff_ffff, FRAME.data))).toThrow("announces");
  expect(push(header(0, 0))).toThrow("unknown type 0");
  expect(push(header(0, 13))).toThrow("unknown type 13");
});

test("a payload above the limit can't be sent", () => {
  expect(() => encodeFrame(FRAME.data, 1, new Uint8Array(MAX_PAYLOAD_BYTES + 1))).toThrow(
    RangeError,
  );
});
