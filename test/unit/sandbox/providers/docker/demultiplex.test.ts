import fc from "fast-check";
import { expect, test } from "vitest";
import { demultiplex } from "../../../../../src/sandbox/providers/docker/demultiplex.ts";

function piece(kind: number, data: Uint8Array, announced = data.length): Buffer {
  const header = Buffer.alloc(8);
  header[0] = kind;
  header.writeUInt32BE(announced, 4);
  return Buffer.concat([header, data]);
}

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function collect(source: AsyncIterable<Uint8Array>) {
  const found = { stdin: "", stdout: "", stderr: "" };
  for await (const { kind, data } of demultiplex(source)) {
    found[kind] += Buffer.from(data).toString("latin1");
  }
  return found;
}

test("both outputs come apart, however the bytes were cut", async () => {
  const pieces = fc.array(fc.tuple(fc.constantFrom(1, 2), fc.uint8Array({ maxLength: 50 })), {
    maxLength: 10,
  });
  await fc.assert(
    fc.asyncProperty(pieces, fc.integer({ min: 1, max: 40 }), async (all, size) => {
      const bytes = Buffer.concat(all.map(([kind, data]) => piece(kind, data)));
      const of = (wanted: number) =>
        all
          .filter(([kind]) => kind === wanted)
          .map(([, data]) => Buffer.from(data).toString("latin1"))
          .join("");
      expect(await collect(inChunks(bytes, size))).toEqual({
        stdin: "",
        stdout: of(1),
        stderr: of(2),
      });
    }),
  );
});

test("a piece of 4 GiB is passed on as it comes and gathered nowhere", async () => {
  const source = inChunks(piece(1, Buffer.from("abc"), 0xffff_ffff), 9);
  const found: string[] = [];
  const reading = (async () => {
    for await (const { data } of demultiplex(source)) found.push(Buffer.from(data).toString());
  })();
  await expect(reading).rejects.toThrow("ended within a piece");
  expect(found).toEqual(["a", "bc"]);
});

test("a header of another kind is refused", async () => {
  await expect(collect(inChunks(piece(3, Buffer.from("x")), 100))).rejects.toThrow("unknown kind");
  const dirty = piece(1, Buffer.from("x"));
  dirty[2] = 1;
  await expect(collect(inChunks(dirty, 100))).rejects.toThrow("unknown kind");
});

test("the source is read no faster than its pieces are taken", async () => {
  let given = 0;
  const source = (async function* () {
    for (; given < 100; given += 1) yield piece(1, Buffer.from("x"));
  })();
  const reader = demultiplex(source);
  await reader.next();
  await reader.next();
  expect(given).toBeLessThanOrEqual(2);
  await reader.return(undefined);
});
