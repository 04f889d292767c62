import { createHash, createPublicKey, type KeyObject, verify } from "node:crypto";
import type { Trust } from "../check-signature.ts";

/** SHA-256 of a key in its standard form (SPKI, DER). */
export function idOf(key: KeyObject): string {
  return createHash("sha256")
    .update(key.export({ type: "spki", format: "der" }))
    .digest("hex");
}

function parsed(publicKey: string): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: publicKey, format: "pem" });
    // A private key is one too, by Node's reading; nobody should be led to publish it.
    return key.asymmetricKeyType === "ed25519" && !publicKey.includes("PRIVATE") ? key : undefined;
  } catch {
    return undefined;
  }
}

/** How bundles are checked, for whatever keys. */
export const ED25519: Omit<Trust, "keys"> = {
  sha256: (content) => createHash("sha256").update(content).digest("hex"),
  keyIdOf(publicKey) {
    const key = parsed(publicKey);
    return key && idOf(key);
  },
  verify(publicKey, message, signature) {
    const key = parsed(publicKey);
    return key !== undefined && verify(null, message, key, signature);
  },
};
