import type { Digest } from "../artifact/artifact.ts";
import type { Attestation, BundleLink } from "./attestation.ts";

/** Where people find the bundle and how they check it, as Markdown of Dunlin's own words. */
export function describeBundle(
  { publicKey }: Pick<Attestation, "publicKey">,
  bundle: Digest,
  link: BundleLink | undefined,
): string {
  const key = publicKey.publicKey.replaceAll(/-----[A-Z ]+-----|\s/g, "");
  const where =
    link === undefined
      ? "The operator of this Dunlin has it under that digest."
      : `[Download it](${link.url}) until ${link.until.slice(0, 10)}.`;
  const keys = link?.keysUrl ?? "FILE";
  return [
    "### Check it yourself",
    `Logs, reports, patch and verdict are in one signed archive: \`${bundle}\`. ${where}`,
    `\`dunlin verify evidence.tar --key ${keys}\` says what of it holds, and with \`--rerun\` runs all of it again on your machine. It is signed with the Ed25519 key \`${publicKey.id}\`: \`${key}\`.`,
  ].join("\n\n");
}
