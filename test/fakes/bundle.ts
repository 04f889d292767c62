import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { type BundleContent, makeBundle } from "../../src/attestation/bundle.ts";
import type { Trust } from "../../src/attestation/check-signature.ts";
import { packArchive } from "../../src/attestation/host/archive.ts";
import { ED25519, idOf } from "../../src/attestation/host/ed25519.ts";
import type { BundleFile } from "../../src/attestation/manifest.ts";
import { measuredText } from "../../src/evidence/basis.ts";
import type { Evidence } from "../../src/evidence/evidence.ts";
import { evidenceOf, runsOfGoodFix, touchedByGoodFix } from "./evidence.ts";
import { suiteRun } from "./suite-run.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
export const sha256Of = (content: Uint8Array | string) =>
  createHash("sha256").update(content).digest("hex");

export const MADE_AT = "2026-11-23T06:10:00.000Z";
const LOG = bytes("ok 1 - all of it\n# pass 2\n");
const PATCH = bytes("diff --git a/index.js b/index.js\n--- a/index.js\n+++ b/index.js\n");

/** A key of an operator's, made for one test. */
export function signingKey(notAfter: string | null = null) {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const id = idOf(publicKey);
  const pem = publicKey.export({ type: "spki", format: "pem" }).toString();
  return {
    signer: { keyId: id, sign: (message: Uint8Array) => sign(null, message, privateKey) },
    listed: {
      id,
      algorithm: "ed25519" as const,
      publicKey: pem,
      notBefore: "2026-01-01T00:00:00.000Z",
      notAfter,
    },
  };
}

export function trustIn(...keys: readonly ReturnType<typeof signingKey>[]): Trust {
  const document = { schema: "dunlin/keys/v1" as const, keys: keys.map(({ listed }) => listed) };
  return { ...ED25519, keys: document };
}

/** What a run would put into its bundle: the good fix, with one whole log and the ends of the others. */
export function contentOf(more: Partial<Evidence> = {}): BundleContent {
  const first = suiteRun(
    {
      "test/dotted.js > dotted alias": "pass",
      "test/proto.js > proto pollution": "pass",
    },
    { logSha256: sha256Of(LOG) },
  );
  const runs = { ...runsOfGoodFix, first };
  const basis = { runs, touched: touchedByGoodFix };
  const before = evidenceOf(runs, touchedByGoodFix, { patchSha256: sha256Of(PATCH), ...more });
  const evidence = { ...before, measuredSha256: sha256Of(measuredText(basis, before)) };
  return {
    evidence,
    evidenceFile: bytes(`${JSON.stringify(evidence, null, 2)}\n`),
    basis,
    patch: PATCH,
    logs: new Map([[sha256Of(LOG), LOG]]),
    journal: { bytes: 1234, sha256: "d".repeat(64) },
    policy: {
      evidenceNetwork: "none",
      setUpRegistries: [{ name: "npm", kind: "npm" }],
      limits: { turns: 80 },
      baseConfiguration: [{ path: "package.json", gitBlob: "e".repeat(40) }],
    },
    madeAt: MADE_AT,
  };
}

export function bundleOf(
  key: ReturnType<typeof signingKey>,
  content: BundleContent = contentOf(),
): readonly BundleFile[] {
  return makeBundle(content, { signer: key.signer, sha256: sha256Of });
}

export function archiveOf(key: ReturnType<typeof signingKey>): Promise<Uint8Array> {
  return packArchive(bundleOf(key));
}
