import fc from "fast-check";
import { expect, test } from "vitest";
import { createCapture } from "../../../../src/sandbox/wire-host/capture.ts";

test("a capture is the first and the last half, and counts the rest", () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 30 });
  fc.assert(
    fc.property(pieces, fc.integer({ min: 0, max: 100 }), (data, maxBytes) => {
      const capture = createCapture(maxBytes);
      for (const piece of data) capture.add(piece);
      const all = Buffer.concat(data);
      const head = Math.ceil(maxBytes / 2);
      const expected =
        all.length <= maxBytes
          ? all
          : Buffer.concat([all.subarray(0, head), all.subarray(all.length - (maxBytes - head))]);
      expect(Buffer.compare(capture.bytes(), expected)).toBe(0);
      expect(capture.droppedBytes).toBe(all.length - expected.length);
    }),
  );
});
