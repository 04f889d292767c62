import { type ArtifactStore, type Digest, readAll } from "../artifact/artifact.ts";
import { nameFindings } from "../evidence/accept-findings.ts";
import type { Evidence } from "../evidence/evidence.ts";
import { readEvidence } from "../evidence/read-evidence.ts";

export type EvidencePorts = {
  readonly artifacts: ArtifactStore;
  sha256(content: string): string;
};

/** The bytes of `evidence.json`: what a digest of the evidence is made of. */
export function evidenceFile(evidence: Evidence): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(evidence, null, 2)}\n`);
}

/** The one place where evidence is stored; from here on its findings have names. */
export async function storeEvidence(
  { artifacts, sha256 }: EvidencePorts,
  evidence: Evidence,
): Promise<Digest> {
  return (await artifacts.put(evidenceFile(nameFindings(evidence, sha256)))).digest;
}

/** Throws `invalid-request/evidence-invalid` for what `storeEvidence` would not have written. */
export async function loadEvidence(
  { artifacts }: Pick<EvidencePorts, "artifacts">,
  digest: Digest,
): Promise<Evidence> {
  return readEvidence(JSON.parse(new TextDecoder().decode(await readAll(artifacts.get(digest)))));
}
