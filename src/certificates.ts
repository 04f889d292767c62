import { readFile } from "node:fs/promises";
import { Failure } from "./errors.ts";

/**
 * The host's own certificates, so that installs work behind a proxy that inspects TLS. Throws
 * `invalid-request/certificates` when there is no such file.
 */
export async function readCertificates(
  env: Readonly<Record<string, string | undefined>>,
): Promise<{ caBundle?: Uint8Array }> {
  const file = env["NODE_EXTRA_CA_CERTS"] ?? env["SSL_CERT_FILE"];
  if (file === undefined || file === "") return {};
  try {
    return { caBundle: await readFile(file) };
  } catch (cause) {
    throw new Failure(
      "invalid-request",
      "certificates",
      `The certificates in ${file} can't be read. Set NODE_EXTRA_CA_CERTS (or SSL_CERT_FILE) to a PEM file, or unset it.`,
      { cause },
    );
  }
}
