import { expect, test } from "vitest";
import { extractKernel } from "../../../../../src/sandbox/providers/microvm/kernel.ts";
import { unpackLz4 } from "../../../../../src/sandbox/providers/microvm/lz4.ts";

/** A legacy frame with one block for each text of bytes given. */
function frame(...blocks: readonly Uint8Array[]): Buffer {
  const parts = blocks.flatMap((block) => [uint32(block.length), block]);
  return Buffer.concat([Buffer.from([0x02, 0x21, 0x4c, 0x18]), ...parts]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function literals(text: string): Buffer {
  const bytes = Buffer.from(text, "latin1");
  const more = bytes.length - 15;
  const head =
    more < 0 ? [bytes.length << 4] : [0xf0, ...Array(Math.floor(more / 255)).fill(255), more % 255];
  return Buffer.concat([Buffer.from(head), bytes]);
}

test("literals, copies that overlap themselves, and several blocks come out", () => {
  // "ab", then 7 bytes from 2 back, then "!"
  const repeated = Buffer.from([0x23, 0x61, 0x62, 2, 0, 0x10, 0x21]);
  // "x", then 4 + 15 + 3 bytes from 1 back, then "."
  const run = Buffer.from([0x1f, 0x78, 1, 0, 3, 0x10, 0x2e]);
  const text = Buffer.from(unpackLz4(frame(repeated, run, literals("y".repeat(600)))));
  expect(text.toString()).toBe(`abababab${"a"}!${"x".repeat(23)}.${"y".repeat(600)}`);
});

test.each([
  ["another format", Buffer.from("070701 no frame")],
  ["a block that is cut off", frame(literals("hello")).subarray(0, -2)],
  ["a copy from before the start", frame(Buffer.from([0x10, 0x61, 9, 0]))],
  ["a distance of nothing", frame(Buffer.from([0x10, 0x61, 0, 0]))],
])("%s is refused", (_, bytes) => {
  expect(() => unpackLz4(bytes)).toThrow(RangeError);
});

function vmlinuz(payload: Uint8Array, setupSectors = 2): Buffer {
  const start = (setupSectors + 1) * 512;
  const file = Buffer.alloc(start + 16 + payload.length);
  file[0x1f1] = setupSectors;
  file.write("HdrS", 0x202, "latin1");
  file.writeUInt32LE(16, 0x248);
  file.writeUInt32LE(payload.length, 0x24c);
  file.set(payload, start + 16);
  return file;
}

test("a kernel's ELF file comes out of its boot image, without the size at its end", () => {
  const packed = Buffer.concat([frame(literals("\x7fELF and more")), uint32(13)]);
  expect(Buffer.from(extractKernel(vmlinuz(packed))).toString("latin1")).toBe("\x7fELF and more");
});

test.each([
  ["no kernel", Buffer.alloc(4096), "no x86 Linux kernel"],
  [
    "a kernel packed otherwise",
    vmlinuz(Buffer.from("(\xb5/\xfd packed with zstd", "latin1")),
    "isn't packed with LZ4",
  ],
  [
    "something else inside",
    vmlinuz(Buffer.concat([frame(literals("a script")), uint32(8)])),
    "no ELF",
  ],
])("%s is named", (_, file, why) => {
  expect(() => extractKernel(file)).toThrow(why);
});
