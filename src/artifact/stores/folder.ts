import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { access, mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../../errors.ts";
import type { ArtifactStore, Digest } from "../artifact.ts";

/** Artifacts as files below one folder, readable by this user only; named by their digest's hexadecimal digits. */
export async function createFolderStore(folder: string): Promise<ArtifactStore> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const pathOf = (digest: Digest) =>
    join(folder, hexOf(digest).slice(0, 2), hexOf(digest).slice(2));
  return {
    async put(content) {
      const fresh = join(folder, `new-${crypto.randomUUID()}`);
      try {
        const { digest, bytes } = await writeFresh(fresh, content);
        const path = pathOf(digest);
        await mkdir(join(path, ".."), { recursive: true, mode: 0o700 });
        await rename(fresh, path);
        await syncFolder(join(path, ".."));
        return { digest, bytes };
      } catch (error) {
        await rm(fresh, { force: true });
        throw error;
      }
    },
    get: (digest) => readChecked(pathOf(digest), digest),
    has: (digest) =>
      access(pathOf(digest)).then(
        () => true,
        () => false,
      ),
  };
}

async function writeFresh(
  path: string,
  content: Uint8Array | AsyncIterable<Uint8Array>,
): Promise<{ digest: Digest; bytes: number }> {
  await using file = await open(path, "wx", 0o600);
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of content instanceof Uint8Array ? [content] : content) {
    hash.update(chunk);
    bytes += chunk.length;
    await file.writeFile(chunk);
  }
  await file.sync();
  return { digest: `sha256:${hash.digest("hex")}`, bytes };
}

/** A rename is lasting once its folder is on disk. */
async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, "r");
  await folder.sync();
}

async function* readChecked(path: string, digest: Digest): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  try {
    for await (const chunk of createReadStream(path) as AsyncIterable<Uint8Array>) {
      hash.update(chunk);
      yield chunk;
    }
  } catch (cause) {
    if ((cause as { code?: string }).code !== "ENOENT") throw cause;
    const message = `The artifact ${digest} is not in the store. Check that all workers share one store.`;
    throw new Failure("unavailable", "artifact-missing", message, { cause });
  }
  if (digest === `sha256:${hash.digest("hex")}`) return;
  const message = `The artifact ${digest} was damaged in the store. Check the disk, then start the run again.`;
  throw new Failure("unavailable", "artifact-corrupt", message);
}

function hexOf(digest: Digest): string {
  const hex = /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1];
  if (hex !== undefined) return hex;
  throw new Failure("bug", "not-a-digest", "An artifact must be named by its sha256 digest.");
}
