import { type CheckDelta, checkNames, type Outcome, succeeded } from "../checks.ts";
import type { Evidence } from "../evidence.ts";
import { placeOf } from "../runs/revert-hunks.ts";
import { inlineCode, list, table } from "./markdown.ts";

/** The changed places that the fail-to-pass tests pass without. */
export function unneeded({ hunks }: Evidence): string {
  const rows = hunks
    .filter(({ neededBy }) => neededBy?.length === 0)
    .map((hunk) => `${inlineCode(placeOf(hunk))}${hunk.note === null ? "" : `: ${hunk.note}`}`);
  if (rows.length === 0) return "";
  const note = "Taken back alone, each of these leaves the proving tests passing.";
  return `### What no test needs (${rows.length})\n\n${note}\n\n${list(rows)}`;
}

/** Which changed lines no test runs, or why that isn't known; of an unverified change there is worse to say. */
export function coverage({ coverage, verdict }: Evidence): string {
  if ("notMeasured" in coverage) {
    return verdict === "unverified"
      ? ""
      : `### Coverage of the changed lines\n\nNot measured: ${inlineCode(coverage.notMeasured)}`;
  }
  const { tool, changedLines, coveredLines, uncovered, unknown } = coverage;
  const sum = `${coveredLines} of ${changedLines} changed lines of code ran in the tests (${tool}).`;
  const rows = [
    ...uncovered.map(({ path, lines }) => `never ran: ${inlineCode(`${path}:${lines.join(",")}`)}`),
    ...unknown.map(({ path, reason }) => `not known: ${inlineCode(path)}: ${inlineCode(reason)}`),
  ];
  return `### Coverage of the changed lines\n\n${[sum, list(rows)].join("\n\n").trimEnd()}`;
}

export function checks({ checks }: Evidence): string {
  const run = checkNames.flatMap((name) => {
    const delta = checks[name];
    return delta === null ? [] : [{ name, delta }];
  });
  if (run.length === 0) return "";
  const rows = run.map(({ name, delta }) => [
    name,
    inlineCode(delta.command),
    ended(delta.base),
    ended(delta.head),
    wordsOf(delta),
  ]);
  const news = run.flatMap(({ delta }) => delta.news.map((line) => inlineCode(line)));
  const page = table(["check", "command", "on base", "on head", "news"], rows);
  return `### Build, lint and types\n\n${[page, list(news)].join("\n\n").trimEnd()}`;
}

function ended(outcome: Outcome): string {
  if (succeeded(outcome)) return "passes";
  return outcome.end === "exit" ? `exit ${outcome.exitCode}` : outcome.end;
}

function wordsOf({ base, head, news }: CheckDelta): string {
  if (news.length > 0) return `🔎 ${news.length} new`;
  return succeeded(base) && !succeeded(head) ? "🔎 fails now" : "none";
}
