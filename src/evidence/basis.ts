import type { Runs, TouchedTests } from "./tests/fail-to-pass.ts";

/** What the verdict follows from, beside the gates: enough to judge again without running anything. Plain JSON. */
export type Basis = { readonly runs: Runs; readonly touched: TouchedTests };

/**
 * What was measured, as one text: the same before and after a commit, a person's override or another wording. The
 * head commit's trailer holds its digest, which can't be one of anything that names that commit.
 */
export function measuredText(
  { runs, touched }: Basis,
  { baseSha, patchSha256 }: { readonly baseSha: string; readonly patchSha256: string },
): string {
  return JSON.stringify({ measured: "dunlin/measured/v1", baseSha, patchSha256, runs, touched });
}
