import { Failure } from "../errors.ts";

/** `sha256:` and 64 hexadecimal digits. */
export type Digest = `sha256:${string}`;

/** Bytes by the digest of their content: logs, layers, checkpoints, evidence. */
export interface ArtifactStore {
  /** Idempotent. Streams; never holds the whole content in memory. The artifact is complete or absent. */
  put(content: Uint8Array | AsyncIterable<Uint8Array>): Promise<{
    readonly digest: Digest;
    readonly bytes: number;
  }>;
  /** Throws `unavailable/artifact-missing`, and `unavailable/artifact-corrupt` when the content has another digest. */
  get(digest: Digest): AsyncIterable<Uint8Array>;
  has(digest: Digest): Promise<boolean>;
}

/** Read to its end: what was damaged can be made anew instead of being met by every run from now on. */
export async function isWhole(artifacts: ArtifactStore, digest: Digest): Promise<boolean> {
  try {
    for await (const _ of artifacts.get(digest));
    return true;
  } catch (error) {
    if (error instanceof Failure && error.code.startsWith("artifact-")) return false;
    throw error;
  }
}

/** Reads a whole artifact or any chunked content into memory; only for content known to be small. */
export async function readAll(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    parts.push(chunk);
    length += chunk.length;
  }
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
