import { z } from "zod";
import { type PackageManager, packageManagers } from "../check/project.ts";
import type { SuiteRun } from "../check/suite.ts";
import { Failure } from "../errors.ts";
import type { EgressRefusal } from "../sandbox/egress.ts";
import type { Isolation } from "../sandbox/sandbox.ts";
import type { Classified } from "./classify.ts";
import type { DependencyChange } from "./dependencies.ts";
import type { Runs } from "./fail-to-pass.ts";
import type { Gate } from "./gate.ts";
import { gateIds } from "./gate.ts";
import { type Variation, variationWords } from "./variation.ts";
import type { Judged } from "./verdict.ts";

/** One run of a test command. */
export type CommandRecord = {
  /** The run of the matrix, e.g. `R3`, with a letter where there are several. */
  readonly id: string;
  /** What stood in the sandbox, in a few words. */
  readonly tree: string;
  readonly command: string;
  readonly end: SuiteRun["end"];
  readonly exitCode: number | null;
  readonly durationMs: number;
  readonly logSha256: string;
  /** At most 4,000 characters, the last ones. */
  readonly logTail: string;
};

export type ModelRecord = {
  readonly host: string;
  readonly name: string;
  readonly turns: number;
  readonly tokens: {
    readonly input: number;
    readonly cachedInput: number;
    readonly output: number;
  };
  readonly costUsd: number;
};

/** What the caller knows and the matrix doesn't. */
export type EvidenceFacts = {
  readonly runId: string;
  /** `owner/name`, or a folder's name for a local run. */
  readonly repository: string;
  /** Null for a local run. */
  readonly issueNumber: number | null;
  readonly baseSha: string;
  readonly headSha: string;
  /** 64 hexadecimal digits, of the unified diff. */
  readonly patchSha256: string;
  readonly nodeVersion: string | null;
  readonly packageManager: PackageManager;
  /** Null when no model took part: the change is people's own. */
  readonly model: ModelRecord | null;
  /** People's pull request that somebody asked to verify; null for a change of Dunlin's own. */
  readonly pullRequest: { readonly number: number; readonly requestedBy: string } | null;
  /** One line each, e.g. `turns 40/40`. */
  readonly limitsHit: readonly string[];
  /** What was refused in the set-up phase and while the model worked. */
  readonly refusals: readonly EgressRefusal[];
  /** ISO 8601. */
  readonly startedAt: string;
};

/** What becomes `evidence.json`. Plain JSON. Texts in it are untrusted. */
export type Evidence = EvidenceFacts & {
  readonly schema: typeof EVIDENCE_SCHEMA;
  readonly isolation: Isolation;
  readonly commands: readonly CommandRecord[];
  /** What the patch asks to be installed; when there is any, R2 ran after an installation of its own. */
  readonly dependencies: readonly DependencyChange[];
  readonly tests: Classified;
  readonly gates: readonly Gate[];
} & Judged;

export const EVIDENCE_SCHEMA = "dunlin/evidence/v1";

const MAX_LOG_TAIL = 4000;

/** The runs as records, in the matrix's order. */
export function recordsOf(runs: Runs): readonly CommandRecord[] {
  const { first, second, onBase, onBaseVaried, head, again, old } = runs;
  const letter = (index: number) => String.fromCharCode(97 + index);
  const withTests = "base and the patch's tests";
  return [
    record("R0a", "base", first),
    record("R0b", "base, again", second),
    ...(onBase === null ? [] : [record("R1a", withTests, onBase)]),
    ...(onBaseVaried === null ? [] : [record("R1b", placed(withTests, "far-east"), onBaseVaried)]),
    record("R2", "head", head),
    ...again.map(({ variation, suite }, index) =>
      record(`R3${letter(index)}`, placed("head", variation), suite),
    ),
    ...(old === null ? [] : [record("R4", "head with the base's tests", old)]),
  ];
}

function placed(tree: string, variation: Variation): string {
  const words = variationWords(variation);
  return words === undefined ? tree : `${tree}, ${words}`;
}

function record(id: CommandRecord["id"], tree: string, run: SuiteRun): CommandRecord {
  const { command, end, exitCode, durationMs, logSha256, logTail } = run;
  const tail = logTail.slice(-MAX_LOG_TAIL);
  return { id, tree, command, end, exitCode, durationMs, logSha256, logTail: tail };
}

/** Checks what was read back from `evidence.json`. Throws `invalid-request/evidence-invalid`. */
export function readEvidence(json: unknown): Evidence {
  const read = evidence.safeParse(json);
  if (read.success) return read.data;
  throw new Failure(
    "invalid-request",
    "evidence-invalid",
    `This is not an evidence file of version 1. Write it anew with the same run.\n${z.prettifyError(read.error)}`,
  );
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
      dependsOn: z.string().nullable(),
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

const evidence: z.ZodType<Evidence> = z.object({
  schema: z.literal(EVIDENCE_SCHEMA),
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
    }),
  ),
  verdict: z.enum(["verified", "verified_weak", "verified_no_new_test", "unverified"]),
  reasons: z.array(z.object({ id: z.string(), detail: z.string() })),
});
