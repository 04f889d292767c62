import fc from "fast-check";
import { expect, test } from "vitest";
import {
  createReceiveWindow,
  createSendWindow,
  decodeCredit,
  encodeCredit,
  WINDOW_BYTES,
} from "../../../../src/sandbox/wire/window.ts";

test("a sender that keeps to its credit is never refused, and never stuck once all is consumed", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: WINDOW_BYTES }), { maxLength: 50 }), (sizes) => {
      const sending = createSendWindow();
      const receiving = createReceiveWindow();
      for (const size of sizes) {
        const bytes = Math.min(size, sending.available());
        sending.spend(bytes);
        receiving.receive(bytes);
        const credit = receiving.consume(bytes);
        if (credit > 0) sending.grant(decodeCredit(encodeCredit(credit)));
        expect(sending.available()).toBeGreaterThan(WINDOW_BYTES / 2);
      }
    }),
  );
});

test("nothing comes back before it is consumed", () => {
  const receiving = createReceiveWindow();
  receiving.receive(WINDOW_BYTES);
  expect(() => receiving.receive(1)).toThrow("with a credit of 0");
  expect(receiving.consume(WINDOW_BYTES)).toBe(WINDOW_BYTES);
});

test("both sides notice when the other cheats", () => {
  const sending = createSendWindow();
  expect(() => sending.grant(1)).toThrow("too much");
  expect(() => sending.spend(WINDOW_BYTES + 1)).toThrow(RangeError);
  expect(() => createReceiveWindow().receive(WINDOW_BYTES + 1)).toThrow("credit");
  expect(() => decodeCredit(new Uint8Array(3))).toThrow("3 bytes instead of 4");
});
