import { z } from "zod";
import { packageManagers } from "../check/project.ts";
import { Failure } from "../errors.ts";
import { EVIDENCE_SCHEMA, type Evidence } from "./evidence.ts";
import { gateIds } from "./gate.ts";

/**
 * Checks what was read back from `evidence.json`. What older files of version 1 don't have yet reads as not measured.
 * Throws `invalid-request/evidence-invalid`.
 */
export function readEvidence(json: unknown): Evidence {
  const read = evidence.safeParse(json);
  if (read.success) return read.data;
  throw new Failure(
    "invalid-request",
    "evidence-invalid",
    `This is not an evidence file of version 1. Write it anew with the same run.\n${z.prettifyError(read.error)}`,
  );
}

/** `evidence.json` as a JSON Schema (draft 2020-12), as it is published and put into each bundle. */
export function evidenceJsonSchema(): object {
  const title = "Evidence that Dunlin collected about a change, version 1";
  return { $id: EVIDENCE_SCHEMA, title, ...z.toJSONSchema(evidence) };
}

const count = z.int().nonnegative();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const end = z.enum(["exit", "signal", "timeout", "killed", "oom", "lost"]);
const key = z.object({ file: z.string(), name: z.string(), ordinal: z.int().positive() });
const changes = z.array(z.object({ key, message: z.string() }));
const counts = z.object({ total: count, pass: count, fail: count, skip: count });
const reason = z.enum([
  "assertion",
  "exception",
  "import",
  "syntax",
  "missing-file",
  "timeout",
  "unknown",
]);

const tests = z.object({
  failToPass: z.array(
    z.object({
      key,
      origin: z.enum(["existing", "added", "changed"]),
      strength: z.enum(["strong", "weak"]),
      base: z.object({ run: z.enum(["R0", "R1"]), reason, message: z.string() }),
      doubt: z.string().nullable(),
    }),
  ),
  passToFail: changes,
  passToSkip: changes,
  removed: changes,
  failToFail: changes,
  newToPass: changes,
  newToFail: changes,
  flaky: changes,
  oldToFail: changes,
  passToPass: count,
  counts: z.object({
    first: counts,
    second: counts,
    onBase: counts.nullable(),
    head: counts,
    old: counts.nullable(),
  }),
});

const hunks = z.array(
  z.object({
    path: z.string(),
    line: count,
    lines: count,
    neededBy: z.array(key).nullable(),
    note: z.string().nullable(),
  }),
);

const coverage = z.union([
  z.object({
    tool: z.string(),
    changedLines: count,
    coveredLines: count,
    uncovered: z.array(z.object({ path: z.string(), lines: z.array(z.int().positive()) })),
    unknown: z.array(z.object({ path: z.string(), reason: z.string() })),
  }),
  z.object({ notMeasured: z.string() }),
]);

const outcome = z.object({
  end,
  exitCode: z.int().nullable(),
  durationMs: z.number().nonnegative(),
});
const check = z
  .object({ command: z.string(), base: outcome, head: outcome, news: z.array(z.string()) })
  .nullable();

const override = z.object({
  finding: z.string(),
  gate: z.enum(gateIds),
  path: z.string().nullable(),
  by: z.string(),
  at: z.iso.datetime(),
  comment: z.string(),
  oldTests: z.array(key),
});

const evidence: z.ZodType<Evidence> = z.object({
  schema: z.literal(EVIDENCE_SCHEMA),
  measuredSha256: sha256.nullable().default(null),
  runId: z.string(),
  repository: z.string(),
  issueNumber: z.int().positive().nullable(),
  baseSha: z.string(),
  headSha: z.string(),
  patchSha256: sha256,
  nodeVersion: z.string().nullable(),
  packageManager: z.enum(packageManagers),
  model: z
    .object({
      host: z.string(),
      name: z.string(),
      turns: count,
      tokens: z.object({ input: count, cachedInput: count, output: count }),
      costUsd: z.number().nonnegative(),
    })
    .nullable(),
  pullRequest: z
    .object({ number: z.int().positive(), requestedBy: z.string() })
    .nullable()
    .default(null),
  limitsHit: z.array(z.string()),
  refusals: z.array(
    z.object({
      host: z.string(),
      port: z.int(),
      reason: z.string(),
      command: z.string(),
      count: z.int().positive(),
    }),
  ),
  startedAt: z.iso.datetime(),
  isolation: z.object({
    provider: z.string(),
    runtime: z.string(),
    userNamespace: z.boolean(),
    weak: z.boolean(),
    imageDigest: z.string(),
    networkMode: z.literal("none"),
  }),
  commands: z.array(
    z.object({
      id: z.string().regex(/^R\d[a-z]?$/),
      tree: z.string(),
      command: z.string(),
      end,
      exitCode: z.int().nullable(),
      durationMs: z.number().nonnegative(),
      logSha256: sha256,
      logTail: z.string(),
    }),
  ),
  dependencies: z.array(
    z.object({
      path: z.string(),
      name: z.string(),
      from: z.string().nullable(),
      to: z.string().nullable(),
    }),
  ),
  tests,
  gates: z.array(
    z.object({
      id: z.enum(gateIds),
      result: z.enum(["pass", "flag", "block"]),
      detail: z.string(),
      path: z.string().nullable(),
      line: z.int().positive().nullable(),
      finding: z.string().nullable().default(null),
    }),
  ),
  testChanges: z
    .array(
      z.object({
        path: z.string(),
        line: z.int().positive(),
        test: z.string(),
        before: z.string(),
        after: z.string().nullable(),
      }),
    )
    .default([]),
  hunks: hunks.default([]),
  coverage: coverage.default({ notMeasured: "This run is older than the measurement." }),
  checks: z
    .object({ build: check, lint: check, types: check })
    .default({ build: null, lint: null, types: null }),
  overrides: z.array(override).default([]),
  supersedes: z.templateLiteral(["sha256:", z.string()]).nullable().default(null),
  verdict: z.enum(["verified", "verified_weak", "verified_no_new_test", "unverified"]),
  reasons: z.array(z.object({ id: z.string(), detail: z.string() })),
});
