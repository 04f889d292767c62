import { type ArtifactStore, type Digest, readAll } from "../artifact/artifact.ts";
import type { Evidence } from "../evidence/evidence.ts";
import { readEvidence } from "../evidence/read-evidence.ts";
import type { RunSummary } from "../run/summary.ts";

/** All that a run has come to. */
export type Result = {
  readonly summary: RunSummary;
  /** The change as a unified diff. */
  readonly diff?: Uint8Array;
  /** As it was stored, and read. */
  readonly evidence?: { readonly json: Uint8Array; readonly content: Evidence };
  /** The signed archive. */
  readonly bundle?: Uint8Array;
};

export async function readResult(summary: RunSummary, artifacts: ArtifactStore): Promise<Result> {
  const read = async (artifact: Digest | undefined) => artifact && readAll(artifacts.get(artifact));
  const diff = await read(summary.patchDigest);
  const json = await read(summary.evidence?.digest);
  const bundle = await read(summary.evidence?.bundle);
  return {
    summary,
    ...(bundle === undefined ? {} : { bundle }),
    ...(diff === undefined ? {} : { diff }),
    ...(json === undefined ? {} : { evidence: { json, content: parse(json) } }),
  };
}

function parse(json: Uint8Array): Evidence {
  return readEvidence(JSON.parse(new TextDecoder().decode(json)));
}
