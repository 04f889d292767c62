import { mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { runOnHost } from "./host-program.ts";
import { freeze, mountImage, mountsBelow, unmount } from "./mounts.ts";

const MIB = 1024 ** 2;
const INODE_BYTES = 256;
const BLOCK_BYTES = 4096;

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
  {
    await using file = await open(image, "wx", 0o600);
    // What the file system needs for itself comes on top.
    const bytes = size.bytes * 1.01 + size.inodes * INODE_BYTES + 2 * MIB;
    await file.truncate(Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES);
  }
  const features = ["-O", "^has_journal,^resize_inode", "-E", "lazy_itable_init=1,nodiscard"];
  const shape = ["-b", `${BLOCK_BYTES}`, "-I", `${INODE_BYTES}`, "-N", `${size.inodes}`, "-m", "0"];
  await runOnHost("mkfs.ext4", ["-q", "-F", ...features, ...shape, image]);
  await mountImage(image, join(folder, "fs"), "rw");
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
