import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { makeSparse } from "../../sparse-file.ts";
import { runOnHost } from "./host-program.ts";
import { freeze, mountImage, mountsBelow, unmount } from "./mounts.ts";

const MIB = 1024 ** 2;
const INODE_BYTES = 256;
const BLOCK_BYTES = 4096;
/** Folders that the overlay makes there. */
const OWN_BLOCKS = 8;

/** As the files of a volume belong to someone: the job's user as the host sees it. */
export type Owner = { readonly uid: number; readonly gid: number };

export type VolumeSize = { readonly bytes: number; readonly inodes: number };

/** One file or folder for each 4 KiB, as a disk of that size would have. */
export function volumeSize(mebibytes: number): VolumeSize {
  return { bytes: mebibytes * MIB, inodes: Math.max(4096, mebibytes * 256) };
}

/**
 * A file system of its own in a sparse file: it holds both limits, of bytes and of inodes, and takes no more of the
 * disk than is written. `folder` gets `image` and, mounted, `fs`.
 */
export async function makeVolume(folder: string, size: VolumeSize): Promise<void> {
  await mkdir(join(folder, "fs"), { recursive: true, mode: 0o700 });
  const image = join(folder, "image");
  const blocks = known.get(size.bytes) ?? (await measureBlocks(image, size));
  await format(image, size, blocks);
  await mountImage(image, join(folder, "fs"), "rw");
}

/** By the bytes that are wanted. */
const known = new Map<number, number>();

/**
 * How many blocks an image needs so that the wanted bytes are left, and no more: all images of a size are equal, so one
 * with room to spare is made and asked. Keeping blocks back for root would not do: an overlay writes as root.
 */
async function measureBlocks(image: string, size: VolumeSize): Promise<number> {
  const { bytes, inodes } = size;
  const ample = Math.ceil((bytes * 1.01 + inodes * INODE_BYTES + 2 * MIB) / BLOCK_BYTES);
  await format(image, size, ample);
  const said = await runOnHost("dumpe2fs", ["-h", image]);
  const free = Number(/^Free blocks:\s+(\d+)$/m.exec(said)?.[1]);
  const spare = free - bytes / BLOCK_BYTES - OWN_BLOCKS;
  const blocks = spare > 0 ? ample - spare : ample;
  known.set(bytes, blocks);
  return blocks;
}

async function format(image: string, { inodes }: VolumeSize, blocks: number): Promise<void> {
  await makeSparse(image, blocks * BLOCK_BYTES);
  const features = ["-O", "^has_journal,^resize_inode", "-E", "lazy_itable_init=1,nodiscard"];
  const shape = ["-b", `${BLOCK_BYTES}`, "-I", `${INODE_BYTES}`, "-N", `${inodes}`, "-m", "0"];
  await runOnHost("mkfs.ext4", ["-q", "-F", ...features, ...shape, image]);
}

/** Gone with all that it held; `busy` when something still uses it, then it stays whole. */
export async function removeVolume(folder: string): Promise<"gone" | "busy"> {
  if (await isMounted(folder)) {
    if ((await unmount(join(folder, "fs"))) === "busy") return "busy";
  }
  await rm(folder, { recursive: true, force: true });
  return "gone";
}

/**
 * Takes the mount and its loop device away and keeps the file. From then on nobody writes to it, not even whoever got a
 * copy of the mount in a mount namespace of their own. `busy` when something still uses it.
 */
export async function closeVolume(folder: string): Promise<"gone" | "busy"> {
  if (!(await isMounted(folder))) return "gone";
  const fs = join(folder, "fs");
  return (await freeze(fs)) === "busy" ? "busy" : unmount(fs);
}

async function isMounted(folder: string): Promise<boolean> {
  return (await mountsBelow(join(folder, "fs"))).length > 0;
}
