import type { Basis } from "../evidence/basis.ts";
import { type Evidence, suitesOf } from "../evidence/evidence.ts";
import { evidenceJsonSchema } from "../evidence/read-evidence.ts";
import { type Signer, seal } from "./envelope.ts";
import { type BundleFile, manifestOf, type Sha256 } from "./manifest.ts";
import type { Policy } from "./policy.ts";
import { statementOf } from "./statement.ts";

export type BundleContent = {
  readonly evidence: Evidence;
  /** The bytes of `evidence.json`. */
  readonly evidenceFile: Uint8Array;
  readonly basis: Basis;
  /** The unified diff. */
  readonly patch: Uint8Array;
  /** Whole logs by their digest (64 hexadecimal digits), as far as they were kept. */
  readonly logs: ReadonlyMap<string, Uint8Array>;
  /** The run's journal as it stood, which stays with the operator. */
  readonly journal: { readonly bytes: number; readonly sha256: string };
  readonly policy: Policy;
  /** ISO 8601. */
  readonly madeAt: string;
};

export const MANIFEST = "manifest.json";
export const ATTESTATION = "attestation.dsse.json";

/** Files that every bundle has, beside a report and a log of each run. */
export const FIXED = [
  "egress.json",
  "evidence.json",
  "evidence.schema.json",
  "journal.json",
  "patch.diff",
  "policy.json",
  "runs.json",
] as const;

export const reportPath = (id: string) => `reports/${id}.json`;
/** The whole output, or what is left of it. */
export const logPath = (id: string) => `logs/${id}.log`;
export const logTailPath = (id: string) => `logs/${id}.tail.log`;

/** All files of the bundle, the signed envelope among them. The same content and key always give the same bytes. */
export function makeBundle(
  content: BundleContent,
  { signer, sha256 }: { readonly signer: Signer; readonly sha256: Sha256 },
): readonly BundleFile[] {
  const { evidence, evidenceFile, basis, policy, madeAt } = content;
  const files = contentFiles(content);
  const manifest = jsonFile(MANIFEST, manifestOf(files, { runId: evidence.runId, madeAt }, sha256));
  const statement = statementOf({
    evidence,
    basis,
    baseConfiguration: policy.baseConfiguration,
    evidenceSha256: sha256(evidenceFile),
    manifestSha256: sha256(manifest.data),
  });
  const payload = new TextEncoder().encode(JSON.stringify(statement));
  return [...files, manifest, jsonFile(ATTESTATION, seal(payload, signer))];
}

function contentFiles(content: BundleContent): readonly BundleFile[] {
  const { evidence, evidenceFile, basis, patch, logs, journal, policy } = content;
  const suites = suitesOf(basis.runs);
  const paths = new Map<unknown, string>(suites.map(({ id, suite }) => [suite, reportPath(id)]));
  const inPlace = (_: string, value: unknown) => {
    const report = paths.get(value);
    return report === undefined ? value : { report };
  };
  return [
    { path: "evidence.json", data: evidenceFile },
    jsonFile("evidence.schema.json", evidenceJsonSchema()),
    { path: "patch.diff", data: patch },
    jsonFile("policy.json", policy),
    jsonFile("egress.json", { refusals: evidence.refusals }),
    jsonFile("journal.json", journal),
    textFile("runs.json", JSON.stringify(basis, inPlace, 2)),
    ...suites.map(({ id, suite }) => jsonFile(reportPath(id), suite)),
    ...evidence.commands.map(({ id, logSha256, logTail }): BundleFile => {
      const whole = logs.get(logSha256);
      return whole === undefined
        ? textFile(logTailPath(id), logTail)
        : { path: logPath(id), data: whole };
    }),
  ];
}

function jsonFile(path: string, content: object): BundleFile {
  return textFile(path, `${JSON.stringify(content, null, 2)}\n`);
}

function textFile(path: string, text: string): BundleFile {
  return { path, data: new TextEncoder().encode(text) };
}
