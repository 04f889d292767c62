import type { Capabilities } from "../../src/sandbox/capabilities.ts";
import type { Judgement } from "./judge.ts";
import type { Law } from "./law.ts";

const WORDS = { passed: "passed", failed: "FAILED", "declared out": "declared out" } as const;

/** One law's line; a failure says why below it. */
export function row({ promise, outcome, ms, reason }: Judgement): string {
  const time = outcome === "declared out" ? "" : `${ms} ms`;
  const line = `  ${WORDS[outcome].padEnd(12)}  ${time.padStart(9)}  ${promise}`;
  if (reason === undefined) return line;
  if (outcome === "declared out") return `${line} ${reason}`;
  return `${line}\n${indented(reason)}`;
}

export function summary(
  about: { provider: string; runtime: string; capabilities: Capabilities },
  results: readonly Judgement[],
  seconds: number,
): string {
  const count = (outcome: Judgement["outcome"]) =>
    results.filter((one) => one.outcome === outcome).length;
  const where = `${about.provider}, ${about.runtime} (${about.capabilities.isolation})`;
  const counts = `${count("passed")} passed, ${count("failed")} failed, ${count("declared out")} declared out`;
  return `${where}: ${counts} of ${results.length} laws; ${seconds.toFixed(0)} s`;
}

/** The table of laws and of what each needs. */
export function lawList(
  concerns: readonly { readonly concern: string; readonly laws: readonly Law[] }[],
): string {
  const lines = concerns.flatMap(({ concern, laws }) => [
    `\n${concern}`,
    ...laws.map(({ promise, needs }) => `  ${(needs ?? "").padEnd(26)}  ${promise}`),
  ]);
  const total = concerns.reduce((sum, { laws }) => sum + laws.length, 0);
  return [...lines, `\n${total} laws; beside each, what a provider must have to be asked it`].join(
    "\n",
  );
}

function indented(text: string): string {
  const lines = text.split("\n").slice(0, 12);
  return lines.map((line) => `      ${line.slice(0, 300)}`).join("\n");
}
