import { join } from "node:path";
import type { Attestation } from "./attestation/attestation.ts";
import { packArchive } from "./attestation/host/archive.ts";
import { KEYS_PATH } from "./attestation/host/endpoint.ts";
import { openSigningKey, type SigningKey } from "./attestation/host/signing-key.ts";
import { evidencePath, LINK_LIFETIME_MS } from "./attestation/link.ts";
import type { Config } from "./config.ts";

/** The operator's signing key, or one made in the data folder at the first start. */
export function openKey(config: Config, dataFolder: string): Promise<SigningKey> {
  return openSigningKey({
    folder: join(dataFolder, "keys"),
    file: config.DUNLIN_SIGNING_KEY_FILE,
    now: new Date().toISOString(),
  });
}

/** What runs sign their bundles with, and where people get them. */
export function attestationOf(key: SigningKey, publicUrl: string | undefined): Attestation {
  const { signer, publicKey, linkHmac } = key;
  const base = publicUrl?.replace(/\/+$/, "");
  return {
    signer,
    publicKey,
    pack: packArchive,
    link(runId, bundle) {
      if (base === undefined) return undefined;
      const expiresAtMs = Date.now() + LINK_LIFETIME_MS;
      const path = evidencePath({ runId, bundle, expiresAtMs }, linkHmac);
      const until = new Date(expiresAtMs).toISOString();
      return { url: `${base}${path}`, until, keysUrl: `${base}${KEYS_PATH}` };
    },
  };
}
