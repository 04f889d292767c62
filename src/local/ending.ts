import type { Evidence } from "../evidence/evidence.ts";
import { verdictLine } from "../evidence/report/report.ts";
import { headlineOf } from "../run/explain.ts";
import type { Problem } from "../run/summary.ts";
import type { Result } from "./result.ts";
import { printable } from "./terminal.ts";

const VERDICTS = ["verified_weak", "verified_no_new_test", "unverified"];
const GAVE_UP = ["invalid-request/gave-up", "invalid-request/patch-refused", "limit-reached/stuck"];

/** 0 verified, 3 another verdict, 4 gave up, 5 a limit was reached, 1 anything else. */
export function exitCodeOf(outcome: string): number {
  if (outcome === "verified") return 0;
  if (VERDICTS.includes(outcome)) return 3;
  if (GAVE_UP.includes(outcome)) return 4;
  return outcome.startsWith("limit-reached/") ? 5 : 1;
}

/**
 * How a run on a local repository ended, for the person at the terminal. `delivered` are sentences about what was
 * written where.
 */
export function endingText(
  { summary, diff, evidence }: Result,
  delivered: readonly string[],
): string {
  const { run, problem } = summary;
  const seconds = Math.round(run.durationMs / 1000);
  const paragraphs = [
    ...(problem === undefined ? [] : problemParagraphs(problem)),
    ...(evidence === undefined ? [] : [verdictText(evidence.content)]),
    [
      `  Changed  ${changedFiles(diff).join(", ") || "nothing"}`,
      `  Used     ${seconds} s, ${run.turns} ${run.turns === 1 ? "turn" : "turns"}, $${run.costUsd.toFixed(2)}`,
      `  Run      ${run.id}`,
    ].join("\n"),
    delivered.join("\n"),
    problem === undefined ? "" : `Next: ${nextStep(problem)}`,
  ];
  const text = paragraphs.filter((paragraph) => paragraph !== "").join("\n\n");
  return `\n${printable(text)}\n`;
}

/** Without the fences of Markdown. */
function problemParagraphs(problem: Problem): readonly string[] {
  const { what, when } = headlineOf(problem);
  return [`❌ ${what} ${when}`, problem.message.replaceAll(/^```\w*\n?/gm, "").trim()];
}

function verdictText(evidence: Evidence): string {
  // Dunlin's own sentence: its only marks are the bold ones.
  const line = verdictLine(evidence).replaceAll("**", "");
  return [line, ...evidence.reasons.map((reason) => `  - ${reason.detail}`)].join("\n");
}

/** The message has said what to mend. */
function nextStep({ kind, code }: Problem): string {
  if (code === "gave-up") return "put the answer into the task, then run it again.";
  switch (kind) {
    case "limit-reached":
      return "to go on with a new budget, run the same command again; the settings allow more.";
    case "bug":
      return "report what was logged above, then run the same command again.";
    default:
      return "mend that, then run the same command again.";
  }
}

/** Paths as git writes them. */
function changedFiles(diff: Uint8Array | undefined): readonly string[] {
  const text = diff === undefined ? "" : new TextDecoder().decode(diff);
  return [...text.matchAll(/^diff --git .* "?b\/(.*?)"?$/gm)].map(([, path = ""]) => path);
}
