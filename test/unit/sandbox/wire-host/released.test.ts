import { PassThrough, Readable } from "node:stream";
import { expect, test, vi } from "vitest";
import { released } from "../../../../src/sandbox/wire-host/released.ts";

/** Its chunks are those that it was given: in a stream of bytes, unlike in one of objects, they may be joined. */
function streamOf(...chunks: Uint8Array[]): Readable {
  const all = chunks.map((chunk) => Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
  return new Readable({
    read() {
      this.push(all.shift() ?? null);
    },
  });
}

test("a chunk is whole while it is looked at, and its memory is given back after that", async () => {
  const chunks = [new Uint8Array([1, 2, 3]), new Uint8Array([4]), new Uint8Array([5])];
  const seen: number[] = [];
  for await (const chunk of released(streamOf(...chunks))) {
    await new Promise((resolve) => setImmediate(resolve)); // others come meanwhile
    seen.push(...chunk);
  }
  expect(seen).toEqual([1, 2, 3, 4, 5]);
  expect(chunks.map(({ buffer }) => buffer.byteLength)).toEqual([0, 0, 0]);
});

test("memory that others share is left to them", async () => {
  const shared = new Uint8Array([1, 2, 3, 4]);
  const seen: number[] = [];
  for await (const chunk of released(streamOf(shared.subarray(0, 2), shared.subarray(2)))) {
    seen.push(...chunk);
  }
  expect([seen, [...shared]]).toEqual([
    [1, 2, 3, 4],
    [1, 2, 3, 4],
  ]);
});

test("a reader that stands still holds the stream back", async () => {
  const stream = new PassThrough({ highWaterMark: 10 });
  const reading = released(stream);
  const sent = Promise.withResolvers<void>();
  let written = 0;
  const write = () => {
    for (let isOpen = true; isOpen && written < 1000; written += 10) {
      isOpen = stream.write(new Uint8Array(10));
    }
    if (written < 1000) stream.once("drain", write);
    else stream.end(() => sent.resolve());
  };
  const first = reading.next();
  write();
  await first;
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(written).toBeLessThan(200);
  for await (const _ of reading);
  await sent.promise;
});

test("a stream that breaks breaks for its reader too, also before it reads", async () => {
  const read = async (stream: Readable) => {
    for await (const _ of released(stream));
  };
  const breaking = new PassThrough();
  const reading = read(breaking);
  breaking.write("x");
  setImmediate(() => breaking.destroy(new Error("broken")));
  await expect(reading).rejects.toThrow("broken");
  await expect(read(breaking)).rejects.toThrow("broken");
});

test("a stream that was closed has nothing more, and one that nobody reads on is closed", async () => {
  const closed = new PassThrough().destroy();
  await vi.waitFor(() => expect(closed.closed).toBe(true));
  expect(await released(closed).next()).toEqual({ done: true, value: undefined });
  const left = new PassThrough();
  left.write("x");
  for await (const _ of released(left)) break;
  expect(left.destroyed).toBe(true);
});
