import { z } from "zod";
import { formatKey } from "../check/suite.ts";
import type { Basis } from "../evidence/basis.ts";
import type { Evidence } from "../evidence/evidence.ts";
import type { Verdict } from "../evidence/verdict.ts";

export const STATEMENT_TYPE = "https://in-toto.io/Statement/v1";
export const PREDICATE_TYPE = "https://in-toto.io/attestation/test-result/v0.1";

const digests = z.record(z.string(), z.string());
const descriptor = z.strictObject({ name: z.string(), digest: digests });

/** An in-toto statement with the test-result predicate. Names of tests are untrusted text. */
export const statement = z.strictObject({
  _type: z.string(),
  subject: z.array(descriptor),
  predicateType: z.string(),
  predicate: z.strictObject({
    result: z.string(),
    configuration: z.array(descriptor),
    passedTests: z.array(z.string()),
    warnedTests: z.array(z.string()),
    failedTests: z.array(z.string()),
  }),
});
export type Statement = Readonly<z.output<typeof statement>>;

/** A file of the base commit that says how tests are run. */
export type BaseConfiguration = { readonly path: string; readonly gitBlob: string };

export type StatementFacts = {
  readonly evidence: Evidence;
  readonly basis: Basis;
  readonly baseConfiguration: readonly BaseConfiguration[];
  /** 64 hexadecimal digits each. */
  readonly evidenceSha256: string;
  readonly manifestSha256: string;
};

const RESULTS: Readonly<Record<Verdict, "PASSED" | "WARNED" | "FAILED">> = {
  verified: "PASSED",
  verified_weak: "WARNED",
  verified_no_new_test: "WARNED",
  unverified: "FAILED",
};

/**
 * What is attested: that this head commit's tests did this, by what stands in `configuration`, where `manifest.json`
 * names every other file of the bundle. The same facts always give the same statement.
 */
export function statementOf(facts: StatementFacts): Statement {
  const { evidence } = facts;
  return {
    _type: STATEMENT_TYPE,
    subject: [{ name: evidence.repository, digest: { gitCommit: evidence.headSha } }],
    predicateType: PREDICATE_TYPE,
    predicate: {
      result: RESULTS[evidence.verdict],
      configuration: [
        { name: "manifest.json", digest: { sha256: facts.manifestSha256 } },
        { name: "evidence.json", digest: { sha256: facts.evidenceSha256 } },
        { name: "sandbox image", digest: imageDigest(evidence.isolation.imageDigest) },
        { name: "base", digest: { gitCommit: evidence.baseSha } },
        ...facts.baseConfiguration.map(({ path, gitBlob }) => ({
          name: `base:${path}`,
          digest: { gitBlob },
        })),
      ],
      ...testsOf(facts),
    },
  };
}

/** Not every provider has an image that a digest names. */
function imageDigest(text: string): Readonly<Record<string, string>> {
  const [, sha256] = /^sha256:([0-9a-f]{64})$/.exec(text) ?? [];
  return sha256 === undefined ? { dunlin: text } : { sha256 };
}

/** Of the head's whole suite. What is flaky or a weak proof is a warning, not a pass. */
function testsOf({ evidence, basis }: StatementFacts) {
  const { flaky, failToPass } = evidence.tests;
  const weak = failToPass.filter(({ strength }) => strength === "weak");
  const doubtful = new Set([...flaky, ...weak].map(({ key }) => formatKey(key)));
  const names = (status: "pass" | "fail") => {
    const found = basis.runs.head.tests.filter((test) => test.status === status);
    return [...new Set(found.map(({ key }) => formatKey(key)))].toSorted();
  };
  const failedTests = names("fail");
  const failed = new Set(failedTests);
  const passed = names("pass").filter((name) => !failed.has(name));
  return {
    passedTests: passed.filter((name) => !doubtful.has(name)),
    warnedTests: passed.filter((name) => doubtful.has(name)),
    failedTests,
  };
}
