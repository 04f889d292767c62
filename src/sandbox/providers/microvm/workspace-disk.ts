import { existsSync } from "node:fs";
import { open, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { inTurn, turnFor } from "../../wire-host/machine-turns.ts";
import { makeSparse } from "../sparse-file.ts";
import { markUsed } from "./newest.ts";
import { runProgram } from "./program.ts";

const MIB = 1024 ** 2;
const BLOCK_BYTES = 4096;
const INODE_BYTES = 256;
/** One file for each 4 KiB, as far as tables of a sensible size go. */
const MAX_INODES = 512 * 1024;
/** Tables, folders and the lost-and-found beside the files. */
const SPARE_MIB = 8;

export type DiskPlan = {
  readonly bytes: number;
  readonly inodes: number;
  /** What the job can fill. */
  readonly usableBytes: number;
};

/** How large a disk has to be so that just `usableMiB` can be written to it. */
export function planDisk(usableMiB: number): DiskPlan {
  const usableBytes = Math.ceil(usableMiB) * MIB;
  const inodes = Math.min(MAX_INODES, Math.max(4096, Math.ceil(usableBytes / BLOCK_BYTES)));
  const tables = inodes * INODE_BYTES + usableBytes / 32; // of inodes, and what the kernel keeps
  const bytes = Math.ceil((usableBytes + tables) / MIB + SPARE_MIB) * MIB;
  return { bytes, inodes, usableBytes };
}

/** An empty workspace of just this size, made once; to be copied. */
export async function ensureBlankDisk(folder: string, usableMiB: number): Promise<string> {
  const plan = planDisk(usableMiB);
  const path = join(folder, `workspace-${plan.bytes / MIB}-${plan.inodes}.ext4`);
  await inTurn(turnFor(path), async () => {
    if (existsSync(path)) return markUsed(path);
    const unfinished = `${path}.unfinished`;
    await rm(unfinished, { force: true });
    await makeSparse(unfinished, plan.bytes);
    const features = "^has_journal,^metadata_csum,^64bit,^resize_inode";
    const extras = "root_owner=1000:1000,lazy_itable_init=1";
    await runProgram([
      "mke2fs",
      "-q",
      "-F",
      "-t",
      "ext4",
      "-b",
      `${BLOCK_BYTES}`,
      "-I",
      `${INODE_BYTES}`,
      "-N",
      `${plan.inodes}`,
      "-O",
      features,
      "-m",
      "0",
      "-E",
      extras,
      unfinished,
    ]);
    await runProgram(["debugfs", "-w", "-R", "rmdir lost+found", unfinished]);
    await reserveRest(unfinished, plan.usableBytes);
    await rename(unfinished, path);
  });
  return path;
}

/** Leaves the job's user just so much: what is free beyond that is reserved for root, who never writes there. */
async function reserveRest(disk: string, usableBytes: number): Promise<void> {
  const file = await open(disk);
  try {
    const superblock = Buffer.alloc(1024);
    await file.read(superblock, 0, 1024, 1024);
    const blocks = superblock.readUInt32LE(4); // s_blocks_count_lo
    const freeBlocks = superblock.readUInt32LE(12); // s_free_blocks_count_lo
    // The kernel keeps some for itself (ext4_calculate_resv_clusters).
    const kernels = Math.min(Math.floor(blocks / 50), 4096);
    const reserved = freeBlocks - kernels - usableBytes / BLOCK_BYTES;
    if (reserved < 0) throw new RangeError(`The disk ${disk} is ${-reserved} blocks too small.`);
    await runProgram(["tune2fs", "-r", `${reserved}`, disk]);
  } finally {
    await file.close();
  }
}

/** Copies what is there and leaves the holes; shares the blocks where the file system can. */
export function copySparse(from: string, to: string): Promise<void> {
  return runProgram(["cp", "--sparse=auto", "--reflink=auto", "--", from, to]);
}

export async function sizeOf(path: string): Promise<number> {
  return (await stat(path)).size;
}
