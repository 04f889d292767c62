import fc from "fast-check";
import { expect, test } from "vitest";
import { createTokenScanner, TOKEN_BYTES } from "../../../../src/sandbox/wire/token.ts";

/** Few different bytes, so that much of the noise looks like the token's beginning. */
const bytes = (minLength: number, maxLength: number) =>
  fc.uint8Array({ minLength, maxLength, max: 2 });

test("a token is found wherever it stands and however it is cut", () => {
  fc.assert(
    fc.property(
      bytes(0, 90),
      bytes(0, 40),
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
      (noise, after, cuts) => {
        const token = Uint8Array.from({ length: TOKEN_BYTES }, (_, index) => (index * 7) % 3);
        // Noise that ends like the token begins may complete an earlier one: then that one counts.
        const all = Buffer.concat([noise, token, after]);
        const expected = all.subarray(all.indexOf(token) + TOKEN_BYTES);
        const scan = createTokenScanner(token);
        let found: Uint8Array[] | undefined;
        for (let at = 0, cut = 0; at < all.length; cut += 1) {
          const chunk = all.subarray(at, at + (cuts[cut % cuts.length] ?? 1));
          at += chunk.length;
          if (found !== undefined) found.push(chunk);
          else {
            const rest = scan(chunk);
            if (rest !== undefined) found = [rest];
          }
        }
        expect(Buffer.concat(found ?? [Buffer.from("not found")])).toEqual(expected);
      },
    ),
    { numRuns: 2_000 },
  );
});

test("a token is used once: the next one is looked for anew", () => {
  const token = Uint8Array.from({ length: TOKEN_BYTES }, (_, index) => index);
  const scan = createTokenScanner(token);
  expect(scan(token)).toHaveLength(0);
  expect(scan(token.subarray(1))).toBeUndefined();
  expect(scan(token)).toHaveLength(0);
});
