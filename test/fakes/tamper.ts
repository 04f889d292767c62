import { ATTESTATION, MANIFEST } from "../../src/attestation/bundle.ts";
import { checkBundle } from "../../src/attestation/check-bundle.ts";
import { seal } from "../../src/attestation/envelope.ts";
import { type BundleFile, manifestOf } from "../../src/attestation/manifest.ts";
import { bundleOf, MADE_AT, sha256Of, signingKey, trustIn } from "./bundle.ts";

export const key = signingKey();
export const stranger = signingKey();
export const honest = bundleOf(key);

// biome-ignore lint/suspicious/noExplicitAny: tampering takes JSON as it comes
type Json = any;
export const bytes = (text: string) => new TextEncoder().encode(text);
export const textOf = (data: Uint8Array) => new TextDecoder().decode(data);
export const fileOf = (files: readonly BundleFile[], path: string) => {
  const found = files.find((file) => file.path === path);
  if (found === undefined) throw new Error(`There is no ${path}.`);
  return found;
};
const jsonOf = (files: readonly BundleFile[], path: string): Json =>
  JSON.parse(textOf(fileOf(files, path).data));

export function withFile(files: readonly BundleFile[], path: string, data: Uint8Array) {
  return [...files.filter((file) => file.path !== path), { path, data }];
}

export function withJson(files: readonly BundleFile[], path: string, change: (json: Json) => void) {
  const json = jsonOf(files, path);
  change(json);
  return withFile(files, path, bytes(`${JSON.stringify(json, null, 2)}\n`));
}

export const evidence = (change: (json: Json) => void) => withJson(honest, "evidence.json", change);
export const envelope = (change: (json: Json) => void) => withJson(honest, ATTESTATION, change);

/** The manifest made anew, so that only the signature can tell. */
export function withManifest(files: readonly BundleFile[]) {
  const content = files.filter(({ path }) => path !== MANIFEST && path !== ATTESTATION);
  const manifest = manifestOf(content, { runId: "run-7f3a", madeAt: MADE_AT }, sha256Of);
  return withFile(files, MANIFEST, bytes(`${JSON.stringify(manifest, null, 2)}\n`));
}

/** Manifest, statement and signature made anew, as only the holder of a key can. */
export function signedAnew(files: readonly BundleFile[], by = key, change = (_: Json) => {}) {
  const whole = withManifest(files);
  const statement = JSON.parse(atob(jsonOf(whole, ATTESTATION).payload));
  const digestOf = (path: string) => sha256Of(fileOf(whole, path).data);
  for (const one of statement.predicate.configuration) {
    if (one.name === MANIFEST || one.name === "evidence.json")
      one.digest.sha256 = digestOf(one.name);
  }
  change(statement);
  const sealed = seal(bytes(JSON.stringify(statement)), by.signer);
  return withFile(whole, ATTESTATION, bytes(JSON.stringify(sealed)));
}

export const flip = (file: BundleFile) => {
  const data = file.data.slice();
  data[3] = (data[3] ?? 0) ^ 1;
  return data;
};

/** As `about: detail` of each point that doesn't hold. */
export function complaints(files: readonly BundleFile[], trust = trustIn(key)) {
  const { points } = checkBundle(files, trust);
  return points.filter(({ holds }) => !holds).map(({ about, detail }) => `${about}: ${detail}`);
}
