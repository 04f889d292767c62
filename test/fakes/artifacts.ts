import { createHash } from "node:crypto";
import { type ArtifactStore, type Digest, readAll } from "../../src/artifact/artifact.ts";
import { Failure } from "../../src/errors.ts";

/** Artifacts in memory. */
export function fakeArtifacts(): ArtifactStore & { readonly known: Map<Digest, Uint8Array> } {
  const known = new Map<Digest, Uint8Array>();
  return {
    known,
    async put(content) {
      const data = content instanceof Uint8Array ? content : await readAll(content);
      const digest: Digest = `sha256:${createHash("sha256").update(data).digest("hex")}`;
      known.set(digest, data);
      return { digest, bytes: data.length };
    },
    async *get(digest) {
      const data = known.get(digest);
      if (data === undefined) throw new Failure("unavailable", "artifact-missing", "It is gone.");
      yield data;
    },
    has: async (digest) => known.has(digest),
  };
}
