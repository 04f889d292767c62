import { type ArtifactStore, type Digest, readAll } from "../artifact/artifact.ts";
import type { Evidence } from "../evidence/evidence.ts";
import { readEvidence } from "../evidence/read-evidence.ts";

/** The bytes of `evidence.json`: what a digest of the evidence is made of. */
export function evidenceFile(evidence: Evidence): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(evidence, null, 2)}\n`);
}

/** The one place where evidence is stored. */
export async function storeEvidence(
  { artifacts }: { readonly artifacts: ArtifactStore },
  evidence: Evidence,
): Promise<Digest> {
  return (await artifacts.put(evidenceFile(evidence))).digest;
}

/** Throws `invalid-request/evidence-invalid` for what `storeEvidence` would not have written. */
export async function loadEvidence(
  { artifacts }: { readonly artifacts: ArtifactStore },
  digest: Digest,
): Promise<Evidence> {
  return readEvidence(JSON.parse(new TextDecoder().decode(await readAll(artifacts.get(digest)))));
}
