import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SuiteLog } from "../../../src/check/suite-log.ts";

describe("SuiteLog", () => {
  it("keeps the last 64 KiB and the digest of all, however the output is cut", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 50_000 }), { maxLength: 12 });
    fc.assert(
      fc.property(sizes, (all) => {
        const log = new SuiteLog(createHash("sha256"));
        const text = all
          .map((size, index) => String.fromCharCode(97 + index).repeat(size))
          .join("");
        let at = 0;
        for (const size of all) {
          log.add({ fd: 1, data: new TextEncoder().encode(text.slice(at, at + size)) });
          at += size;
        }
        expect(log.end()).toBe(text.slice(-65_536));
        expect(log.sha256()).toBe(createHash("sha256").update(text).digest("hex"));
      }),
      { numRuns: 30 },
    );
  });
});
