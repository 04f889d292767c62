import type { Break } from "../break.ts";

const TAMPERED = "test/unit/attestation/tampered-bundles.test.ts";
const KEYS = "test/unit/attestation/keys-of-bundles.test.ts";

/** What makes a bundle worth believing. */
export const attestationBreaks: readonly Break[] = [
  {
    id: "any-bundle-signature",
    promise: "bundle-signed",
    file: "src/attestation/check-signature.ts",
    find: "    isGenuine\n",
    replace: "    isGenuine || signature.length > 0\n",
    test: TAMPERED,
    name: "when somebody changed the statement's subject",
  },
  {
    id: "any-manifest",
    promise: "bundle-signed",
    file: "src/attestation/check-signature.ts",
    find: "return named === sha256(file.data)",
    replace: "return named !== undefined",
    test: TAMPERED,
    name: "when somebody changed another log with a new manifest",
  },
  {
    id: "retired-key",
    promise: "bundle-signed",
    file: "src/attestation/keys.ts",
    find: "if (notAfter !== null && time > notAfter)",
    replace: "if (notAfter !== null && time < notBefore)",
    test: KEYS,
    name: "only for the time in which it was in use",
  },
  {
    id: "posing-key",
    promise: "bundle-signed",
    file: "src/attestation/check-signature.ts",
    find: "if (trust.keyIdOf(key.publicKey) !== key.id) {",
    replace: 'if (trust.keyIdOf(key.publicKey) === "") {',
    test: KEYS,
    name: "take a listed id for granted",
  },
  {
    id: "verdict-unjudged",
    promise: "bundle-judged-again",
    file: "src/attestation/check-contents.ts",
    find: "const judged = judge({ ...evidence, runs, tests });",
    replace: "const judged = { verdict: evidence.verdict, reasons: evidence.reasons };",
    test: TAMPERED,
    name: "refuses what doesn't follow even when the right key signed it: verdict",
  },
  {
    id: "odd-entries",
    promise: "bundle-archive-strict",
    file: "src/attestation/host/archive.ts",
    find: "if (Buffer.compare(await packArchive(all), bytes) === 0) return all;",
    replace: "if (all.length > 0) return all;",
    test: "test/unit/attestation/host/archive.test.ts",
    name: "that has data after its end is refused",
  },
  {
    id: "link-unsigned",
    promise: "bundle-links",
    file: "src/attestation/host/endpoint.ts",
    find: "if (given.length !== meant.length || !timingSafeEqual(given, meant)) {",
    replace: "if (given.length !== meant.length) {",
    test: "test/unit/attestation/host/endpoint.test.ts",
    name: "refuses every link that it didn't make",
  },
];
