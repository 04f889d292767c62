import { createPrivateKey } from "node:crypto";
import { Failure } from "../errors.ts";

const SHORTEST_SECRET = 16;

/** Probot would take no secret for the word "development", and a broken key only at the first request. */
export function checkCredentials(privateKey: string, secrets: readonly string[]): void {
  if (secrets.some((secret) => secret.trim().length < SHORTEST_SECRET)) {
    throw new Failure(
      "invalid-request",
      "webhook-secret",
      "The webhook secret is missing or shorter than 16 characters. Make one with `openssl rand -hex 32` and set it here and in the App's settings.",
    );
  }
  if (!isRsaKey(privateKey)) {
    throw new Failure(
      "invalid-request",
      "private-key",
      "The App's private key is not an RSA key in PEM form. Download one from the App's settings and give the whole file.",
    );
  }
}

function isRsaKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === "rsa";
  } catch {
    return false;
  }
}
