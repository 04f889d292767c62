import type { Digest } from "../artifact/artifact.ts";
import type { PackageManager } from "../check/project.ts";
import type { SuiteRun } from "../check/suite.ts";
import type { EgressRefusal } from "../sandbox/egress.ts";
import type { Isolation } from "../sandbox/sandbox.ts";
import type { Checks } from "./checks.ts";
import type { Coverage } from "./coverage.ts";
import type { DependencyChange } from "./dependencies.ts";
import type { Gate } from "./gate.ts";
import type { HunkRecord } from "./hunks.ts";
import type { Override } from "./override.ts";
import { type Variation, variationWords } from "./runs/variation.ts";
import type { Classified } from "./tests/classify.ts";
import type { Runs } from "./tests/fail-to-pass.ts";
import type { TestChange } from "./tests/test-changes.ts";
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
  /** Digest of what the verdict follows from (see `measuredText`); null where nobody kept it. */
  readonly measuredSha256: string | null;
  readonly isolation: Isolation;
  readonly commands: readonly CommandRecord[];
  /** What the patch asks to be installed; when there is any, R2 ran after an installation of its own. */
  readonly dependencies: readonly DependencyChange[];
  readonly tests: Classified;
  readonly gates: readonly Gate[];
  /** For people to judge: a corrected expectation and a loosened one look alike to a program. */
  readonly testChanges: readonly TestChange[];
  /** R5: the changed places of the source, each with the tests that need it. */
  readonly hunks: readonly HunkRecord[];
  /** Of the lines that the patch adds or changes in the source. */
  readonly coverage: Coverage;
  /** R6. */
  readonly checks: Checks;
  /** What people have accepted of what gates found. */
  readonly overrides: readonly Override[];
  /** Digest of the evidence that this one took the place of when a person accepted something; null for the first. */
  readonly supersedes: Digest | null;
} & Judged;

export const EVIDENCE_SCHEMA = "dunlin/evidence/v1";

const MAX_LOG_TAIL = 4000;

/** The runs of tests as records, in the matrix's order. */
export function recordsOf(runs: Runs): readonly CommandRecord[] {
  return suitesOf(runs).map(({ id, tree, suite }) => recordOf(id, tree, suite));
}

/** A run of the matrix with its name, e.g. `R3b`, and what stood in the sandbox. */
export type NamedSuite = { readonly id: string; readonly tree: string; readonly suite: SuiteRun };

/** In the matrix's order. The suites are the very objects of `runs`. */
export function suitesOf(runs: Runs): readonly NamedSuite[] {
  const { first, second, onBase, onBaseVaried, onBaseData, head, again, alone, old } = runs;
  const letter = (index: number) => String.fromCharCode(97 + index);
  const withTests = "base and the patch's tests";
  return [
    named("R0a", "base", first),
    named("R0b", "base, again", second),
    ...(onBase === null ? [] : [named("R1a", withTests, onBase)]),
    ...(onBaseVaried === null ? [] : [named("R1b", placed(withTests, "far-east"), onBaseVaried)]),
    ...(onBaseData === null ? [] : [named("R1c", `${withTests} and data`, onBaseData)]),
    named("R2", "head", head),
    ...again.map(({ variation, suite }, index) =>
      named(`R3${letter(index)}`, placed("head", variation), suite),
    ),
    ...alone.map(({ suite }, index) =>
      named(`R3${letter(again.length + index)}`, "head, one test alone", suite),
    ),
    ...(old === null ? [] : [named("R4", "head with the base's tests", old)]),
  ];
}

function placed(tree: string, variation: Variation): string {
  const words = variationWords(variation);
  return words === undefined ? tree : `${tree}, ${words}`;
}

function named(id: string, tree: string, suite: SuiteRun): NamedSuite {
  return { id, tree, suite };
}

export function recordOf(
  id: CommandRecord["id"],
  tree: string,
  run: Omit<SuiteRun, "tests" | "integrity">,
): CommandRecord {
  const { command, end, exitCode, durationMs, logSha256, logTail } = run;
  const tail = logTail.slice(-MAX_LOG_TAIL);
  return { id, tree, command, end, exitCode, durationMs, logSha256, logTail: tail };
}
