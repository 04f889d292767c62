import { ATTESTATION, MANIFEST } from "./bundle.ts";
import { type Opened, openEnvelope, PAYLOAD_TYPE, preAuthEncoding } from "./envelope.ts";
import { type KeyDocument, outOfUse, type PublicKey } from "./keys.ts";
import { type BundleFile, readManifest, type Sha256 } from "./manifest.ts";
import { broken, holds, type Point } from "./point.ts";
import { formOf, parseJson } from "./read-json.ts";
import { PREDICATE_TYPE, STATEMENT_TYPE, type Statement, statement } from "./statement.ts";

/** Whom to believe, and how. */
export type Trust = {
  readonly keys: KeyDocument;
  readonly sha256: Sha256;
  /** SHA-256 of an Ed25519 key; undefined for what is none. */
  keyIdOf(publicKey: string): string | undefined;
  verify(publicKey: string, message: Uint8Array, signature: Uint8Array): boolean;
};

type Files = ReadonlyMap<string, BundleFile>;

/** Who signed, and what. The statement is given as it stands, whether or not the points hold. */
export function checkSignature(
  files: Files,
  trust: Trust,
): { readonly points: readonly Point[]; readonly statement?: Statement } {
  const opened = openEnvelope(parseJson(files.get(ATTESTATION)));
  if (opened === undefined) {
    return { points: [broken(ATTESTATION, "There is no DSSE envelope with one signature.")] };
  }
  const points = [
    opened.payloadType === PAYLOAD_TYPE
      ? holds("payload type", PAYLOAD_TYPE)
      : broken("payload type", `It is ${opened.payloadType}, not ${PAYLOAD_TYPE}.`),
    ...checkKey(opened, files, trust),
  ];
  const payload = { path: "statement", data: opened.payload };
  const read = statement.safeParse(parseJson(payload));
  if (!read.success) {
    return { points: [...points, broken("statement", `It can't be read. ${formOf(read.error)}`)] };
  }
  const types = checkTypes(read.data);
  const named = checkManifestDigest(read.data, files, trust.sha256);
  return { points: [...points, types, named], statement: read.data };
}

function checkKey(opened: Opened, files: Files, trust: Trust): readonly Point[] {
  const { keyId, payloadType, payload, signature } = opened;
  const short = keyId.slice(0, 16);
  const key = trust.keys.keys.find(({ id }) => id === keyId);
  if (key === undefined) return [broken("key", `It is signed with ${short}, which is not listed.`)];
  if (trust.keyIdOf(key.publicKey) !== key.id) {
    return [broken("key", `The list has another key under the id ${short}.`)];
  }
  const isGenuine = trust.verify(key.publicKey, preAuthEncoding(payloadType, payload), signature);
  return [
    checkUse(key, files),
    isGenuine
      ? holds("signature", `Ed25519 by the key ${short}`)
      : broken("signature", `The key ${short} did not sign this statement.`),
  ];
}

function checkUse(key: PublicKey, files: Files): Point {
  const manifest = readManifest(parseJson(files.get(MANIFEST)));
  if (typeof manifest === "string")
    return broken("key", "It isn't known when the bundle was made.");
  const why = outOfUse(key, manifest.madeAt);
  return why === undefined
    ? holds("key", `listed, and in use on ${manifest.madeAt}`)
    : broken("key", `The bundle was made on ${manifest.madeAt}, but of its key: ${why}.`);
}

function checkTypes({ _type, predicateType }: Statement): Point {
  if (_type === STATEMENT_TYPE && predicateType === PREDICATE_TYPE) {
    return holds("statement", "an in-toto test result");
  }
  return broken("statement", `It is of the type ${_type} with ${predicateType}.`);
}

/** The one digest by which the signature covers every file. */
function checkManifestDigest({ predicate }: Statement, files: Files, sha256: Sha256): Point {
  const file = files.get(MANIFEST);
  const named = predicate.configuration.find(({ name }) => name === MANIFEST)?.digest["sha256"];
  if (file === undefined) return broken(MANIFEST, "It is missing.");
  return named === sha256(file.data)
    ? holds(MANIFEST, "the one that the signed statement names")
    : broken(MANIFEST, "It is not the one that the signed statement names.");
}
