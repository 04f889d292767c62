import type { ArtifactStore } from "../artifact/artifact.ts";
import type { OutputChunk } from "../sandbox/sandbox.ts";

/** Of longer ones only the end that stands in the evidence is kept. */
const MOST_KEPT_BYTES = 1 << 20;

/** Stores the whole output of a command as an artifact, so that it is found again by the digest in its record. */
export async function keepLog<Result>(
  artifacts: ArtifactStore,
  work: (onOutput: (chunk: OutputChunk) => void) => Promise<Result>,
): Promise<Result> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  const result = await work(({ data }) => {
    bytes += data.length;
    if (bytes <= MOST_KEPT_BYTES) parts.push(data.slice());
    else parts.length = 0;
  });
  if (bytes <= MOST_KEPT_BYTES) await artifacts.put(stream(parts));
  return result;
}

async function* stream(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}
