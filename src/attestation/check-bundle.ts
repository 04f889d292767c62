import type { Basis } from "../evidence/basis.ts";
import type { Evidence } from "../evidence/evidence.ts";
import { ATTESTATION, MANIFEST } from "./bundle.ts";
import { type Contents, checkContents } from "./check-contents.ts";
import { checkSignature, type Trust } from "./check-signature.ts";
import { firstDifference } from "./difference.ts";
import { type BundleFile, readManifest } from "./manifest.ts";
import { broken, holds, type Point } from "./point.ts";
import { policy } from "./policy.ts";
import { parseJson } from "./read-json.ts";
import { type Statement, statementOf } from "./statement.ts";

/** A bundle that was read, and what was found out about it. It is confirmed when every point holds. */
export type CheckedBundle = {
  readonly points: readonly Point[];
  readonly evidence?: Evidence;
  readonly basis?: Basis;
  readonly patch?: Uint8Array;
};

/** Everything that can be known of a bundle without running anything. Never throws for what stands in it. */
export function checkBundle(all: readonly BundleFile[], trust: Trust): CheckedBundle {
  const files = new Map(all.map((file) => [file.path, file]));
  const content = new Map(files);
  for (const path of [ATTESTATION, MANIFEST]) content.delete(path);
  const signed = checkSignature(files, trust);
  const contents = checkContents(content, trust.sha256);
  const points = [
    ...signed.points,
    ...checkDigests(files, content, trust),
    ...contents.points,
    ...checkStatement(signed.statement, contents, files, trust),
  ];
  const { evidence, basis } = contents;
  const patch = files.get("patch.diff")?.data;
  return {
    points,
    ...(evidence && { evidence }),
    ...(basis && { basis }),
    ...(patch && { patch }),
  };
}

type Files = ReadonlyMap<string, BundleFile>;

/** Each file as the manifest names it, and no other. */
function checkDigests(files: Files, content: Files, { sha256 }: Trust): readonly Point[] {
  const manifest = readManifest(parseJson(files.get(MANIFEST)));
  if (typeof manifest === "string") return [broken(MANIFEST, manifest)];
  const named = new Map(manifest.files.map((file) => [file.path, file]));
  const changed = manifest.files.flatMap(({ path, bytes, sha256: digest }) => {
    const file = content.get(path);
    if (file === undefined) return [broken(path, "The manifest names it, and it is missing.")];
    const same = file.data.length === bytes && sha256(file.data) === digest;
    return same ? [] : [broken(path, "It was changed: the manifest names another digest.")];
  });
  const unnamed = [...content.keys()].filter((path) => !named.has(path));
  const odd = unnamed.map((path) => broken(path, "The manifest doesn't name it."));
  const wrong = [...changed, ...odd];
  return wrong.length > 0
    ? wrong
    : [holds("digests", `${content.size} files as the manifest names them`)];
}

/** The statement says what follows from the files, and nothing else. */
function checkStatement(
  statement: Statement | undefined,
  { evidence, basis }: Contents,
  files: Files,
  { sha256 }: Trust,
): readonly Point[] {
  const [manifest, evidenceFile] = [files.get(MANIFEST), files.get("evidence.json")];
  const known = policy.safeParse(parseJson(files.get("policy.json"))).data;
  if (known === undefined) return [broken("policy.json", "It can't be read.")];
  if (!statement || !evidence || !basis || !manifest || !evidenceFile) return [];
  const meant = statementOf({
    evidence,
    basis,
    baseConfiguration: known.baseConfiguration,
    evidenceSha256: sha256(evidenceFile.data),
    manifestSha256: sha256(manifest.data),
  });
  const at = firstDifference(statement, meant);
  return at === undefined
    ? [
        holds(
          "statement",
          `${meant.predicate.result} for ${evidence.repository} at ${evidence.headSha}`,
        ),
      ]
    : [broken("statement", `It differs from the evidence at ${at}.`)];
}
