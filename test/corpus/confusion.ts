import type { CaseResult } from "./try-case.ts";

const OUTCOMES = [
  "verified",
  "verified_weak",
  "verified_no_new_test",
  "unverified",
  "refused",
] as const satisfies readonly CaseResult["outcome"][];

/** How many of each kind came to which outcome, as a Markdown table. */
export function confusion(results: readonly CaseResult[]): string {
  const row = (kind: CaseResult["kind"]) => {
    const counts = OUTCOMES.map(
      (outcome) => results.filter((one) => one.kind === kind && one.outcome === outcome).length,
    );
    return `| ${[kind, ...counts].join(" | ")} |`;
  };
  const head = `| submission | ${OUTCOMES.join(" | ")} |`;
  const line = `| --- |${" ---: |".repeat(OUTCOMES.length)}`;
  return [head, line, row("adversarial"), row("honest")].join("\n");
}
