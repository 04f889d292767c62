import type { ExecResult } from "../sandbox/sandbox.ts";
import type { Integrity } from "./reports/sealed-lines.ts";

/** One test of a suite. `ordinal` counts tests of the same file and name, from 1. */
export type TestKey = {
  /** Relative to the workspace, with `/`; empty when the runner doesn't say. */
  readonly file: string;
  /** Full name, groups joined by ` > `. */
  readonly name: string;
  readonly ordinal: number;
};

/**
 * Why a test failed. `assertion` and `exception` (thrown by the code under test) are strong; the others say that the
 * test couldn't run at all.
 */
export const failureReasons = [
  "assertion",
  "exception",
  "import",
  "syntax",
  "missing-file",
  "timeout",
  "unknown",
] as const;

export type FailureReason = (typeof failureReasons)[number];

export type TestResult = {
  readonly key: TestKey;
  readonly status: "pass" | "fail" | "skip";
  /** Only for `fail`; one line of at most 300 characters, control characters removed. */
  readonly failure?: { readonly reason: FailureReason; readonly message: string };
};

/** One run of a test command, whole or in part, as Dunlin saw it. */
export type SuiteRun = {
  /** As a person would type it. */
  readonly command: string;
  readonly end: ExecResult["end"];
  readonly exitCode: number | null;
  readonly durationMs: number;
  readonly integrity: Integrity;
  /** Empty when the runner is unknown or reported nothing. */
  readonly tests: readonly TestResult[];
  /** Last part of the output, cleaned of control characters. */
  readonly logTail: string;
  /** Digest of the whole output (bounded) as Dunlin received it. */
  readonly logSha256: string;
};

/** A readable, unique form of a key. */
export function formatKey(key: TestKey): string {
  const place = key.file === "" ? "" : `${key.file} > `;
  return `${place}${key.name}${key.ordinal > 1 ? ` #${key.ordinal}` : ""}`;
}
