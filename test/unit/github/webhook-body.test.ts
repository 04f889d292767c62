import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { createBodyReader } from "../../../src/github/webhook-body.ts";

const MIB = 1024 * 1024;
const FAR_MS = 60_000;

/** A request whose body comes in these pieces; `read` counts those that were asked for. */
function request(pieces: number, piece: Uint8Array, headers: Record<string, string> = {}) {
  const seen = { read: 0 };
  const body = Readable.from(
    (function* () {
      for (; seen.read < pieces; seen.read += 1) yield piece;
    })(),
    { highWaterMark: 1 },
  );
  return { seen, incoming: Object.assign(body, { headers }) as unknown as IncomingMessage };
}

describe("a delivery's body", () => {
  it("is read up to 25 MiB", async () => {
    const { incoming } = request(25, new Uint8Array(MIB).fill(120));
    const body = await createBodyReader(FAR_MS)(incoming);
    expect("text" in body && body.text.length).toBe(25 * MIB);
  });

  it("that grows larger is refused as soon as it does", async () => {
    const { incoming, seen } = request(1_000, new Uint8Array(MIB));
    expect(await createBodyReader(FAR_MS)(incoming)).toMatchObject({ status: 413 });
    expect(seen.read).toBeLessThan(30);
  });

  it("that is announced larger is refused unread", async () => {
    const { incoming, seen } = request(1, new Uint8Array(1), {
      "content-length": String(25 * MIB + 1),
    });
    expect(await createBodyReader(FAR_MS)(incoming)).toMatchObject({ status: 413 });
    expect(seen.read).toBe(0);
  });

  it("is refused while others hold the memory, and taken once they let go", async () => {
    const read = createBodyReader(FAR_MS);
    const full = () => request(25, new Uint8Array(MIB).fill(120)).incoming;
    const bodies = [];
    for (let last = ""; last !== "status" && bodies.length < 8; ) {
      const body = await read(full());
      bodies.push(body);
      last = "status" in body ? "status" : "text";
    }
    expect(bodies.length).toBeGreaterThan(1);
    expect(bodies.at(-1)).toMatchObject({ status: 503 });
    for (const body of bodies) if ("release" in body) body.release();
    expect(await read(request(1, new Uint8Array([120])).incoming)).toMatchObject({ text: "x" });
  });

  it("that is no UTF-8 is refused", async () => {
    const { incoming } = request(1, new Uint8Array([0x7b, 0xff]));
    expect(await createBodyReader(FAR_MS)(incoming)).toMatchObject({ status: 400 });
  });
});
