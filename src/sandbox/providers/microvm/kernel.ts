import { Failure } from "../../../errors.ts";
import { LZ4_MAGIC, unpackLz4 } from "./lz4.ts";

const SECTOR_BYTES = 512;
// Offsets of the x86 boot header, from the kernel's Documentation/arch/x86/boot.rst.
const SETUP_SECTORS = 0x1f1;
const HEADER_MAGIC = 0x202;
const PAYLOAD_OFFSET = 0x248;
const PAYLOAD_LENGTH = 0x24c;

/**
 * The ELF file inside a `vmlinuz`. The machine boots it by its PVH entry and need not unpack it itself, which takes an
 * emulated processor most of a second. Throws `invalid-request/kernel-unusable`.
 */
export function extractKernel(vmlinuz: Uint8Array): Uint8Array {
  const file = Buffer.from(vmlinuz.buffer, vmlinuz.byteOffset, vmlinuz.byteLength);
  if (file.length < 0x250 || file.toString("latin1", HEADER_MAGIC, HEADER_MAGIC + 4) !== "HdrS") {
    throw unusable("it is no x86 Linux kernel");
  }
  const start = ((file[SETUP_SECTORS] || 4) + 1) * SECTOR_BYTES + file.readUInt32LE(PAYLOAD_OFFSET);
  const payload = file.subarray(start, start + file.readUInt32LE(PAYLOAD_LENGTH));
  if (payload.length < 8 || payload.readUInt32LE(0) !== LZ4_MAGIC) {
    throw unusable("it isn't packed with LZ4");
  }
  // The last four bytes are the size of what comes out.
  const kernel = unpackLz4(payload.subarray(0, -4));
  if (Buffer.from(kernel.subarray(0, 4)).toString("latin1") !== "\x7fELF") {
    throw unusable("there is no ELF file in it");
  }
  return kernel;
}

function unusable(why: string): Failure {
  return new Failure(
    "invalid-request",
    "kernel-unusable",
    `The micro-VM's kernel can't be used: ${why}. Fetch Debian's again with \`npm run setup -- microvm\`.`,
  );
}
