import type { Attestation } from "../../src/attestation/attestation.ts";
import { packArchive } from "../../src/attestation/host/archive.ts";
import { signingKey } from "./bundle.ts";

/** A key of its own, and links to a server that isn't there. */
export function fakeAttestation(key = signingKey()): Attestation {
  return {
    signer: key.signer,
    publicKey: key.listed,
    pack: packArchive,
    link: (runId, bundle) => ({
      url: `https://dunlin.test/runs/${runId}/evidence.tar?bundle=${bundle.slice(7)}`,
      until: "2026-12-07T06:00:00.000Z",
      keysUrl: "https://dunlin.test/.well-known/dunlin-keys.json",
    }),
  };
}
