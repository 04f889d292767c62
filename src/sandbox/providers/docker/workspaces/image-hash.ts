import { createHash } from "node:crypto";
import { open, stat } from "node:fs/promises";
import { z } from "zod";
import { runOnHost } from "./host-program.ts";

const BLOCK_BYTES = 4096;
const CHUNK_BYTES = 1 << 20;

/** Blocks of a sparse file, the first and the last of each stretch. */
export const Stretches = z.array(z.tuple([z.number(), z.number()])).readonly();
export type Stretches = z.infer<typeof Stretches>;

/** Changes with every write to the file, by whomever; costs one question to the kernel. */
export async function fingerprint(image: string): Promise<string> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(image, { bigint: true });
  return [dev, ino, size, mtimeNs, ctimeNs].join("-");
}

/** Where a sparse file has been written. To be asked once: to the kernel, what was read may look like it later. */
export async function writtenStretches(image: string): Promise<Stretches> {
  return parseStretches(await runOnHost("filefrag", ["-v", `-b${BLOCK_BYTES}`, image]));
}

/** From what `filefrag -v` prints: a line for each stretch, its number, its blocks in the file, and where they are. */
export function parseStretches(table: string): Stretches {
  const lines = table.matchAll(/^ *\d+: +(\d+)\.\. *(\d+):/gm);
  return [...lines].map(([, first, last]): [number, number] => [Number(first), Number(last)]);
}

/** Of these stretches alone: the rest of the file is nothing, however large it is. */
export async function hashStretches(image: string, stretches: Stretches): Promise<string> {
  await using file = await open(image, "r");
  const hash = createHash("sha256");
  const chunk = Buffer.alloc(CHUNK_BYTES);
  for (const [first, last] of stretches) {
    const end = (last + 1) * BLOCK_BYTES;
    for (let at = first * BLOCK_BYTES; at < end; ) {
      const { bytesRead } = await file.read(chunk, 0, Math.min(CHUNK_BYTES, end - at), at);
      if (bytesRead === 0) break;
      hash.update(chunk.subarray(0, bytesRead));
      at += bytesRead;
    }
  }
  return hash.digest("hex");
}
