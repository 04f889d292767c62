import type { Counts } from "./reporter-case.ts";
import { isEqual, type ReporterResult } from "./try-case.ts";

type About = { readonly runtime: string; readonly machine: string; readonly now: string };

const TITLES = ["runner", "version", "project", "by its runner", "by Dunlin", "equal"];

/** Aligned columns for a terminal; the numbers are passed, failed and skipped. */
export function tableOf(results: readonly ReporterResult[]): string {
  const rows = [TITLES, ...results.map(cellsOf)];
  const widths = TITLES.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const equal = results.filter(isEqual).length;
  const sum = `${equal} of ${results.length} as they should be; the numbers are passed / failed / skipped.`;
  return [...lines, "", ...notesOf(results), sum].join("\n");
}

/** The same for people who weren't there. */
export function resultsPage(results: readonly ReporterResult[], about: About): string {
  const rows = [TITLES, TITLES.map(() => "---"), ...results.map(cellsOf)];
  const notes = notesOf(results);
  return `${[
    "# Reporters against their runners",
    `The tests of real projects, run twice in fresh sandboxes without a network: by their runner alone, whose own summary is read, and by Dunlin, which counts what its reporters sent. A package with the tests of a later version has tests that fail for a real reason. \`npm run reporters -- --write\` wrote this page on ${about.now}, on ${about.machine}, in sandboxes of ${about.runtime}.`,
    "The numbers are passed / failed / skipped; todo counts as skipped.",
    rows.map((row) => `| ${row.join(" | ")} |`).join("\n"),
    ...(notes.length === 0 ? [] : [notes.map((note) => `- ${note}`).join("\n")]),
  ].join("\n\n")}\n`;
}

function cellsOf(result: ReporterResult): readonly string[] {
  const { runner, version, project, alone, read, differs } = result;
  const equal = isEqual(result) ? (differs === undefined ? "yes" : "but for a reason") : "NO";
  return [runner, version, project, formatCounts(alone), formatCounts(read), equal];
}

function formatCounts(counts: Counts | undefined): string {
  return counts === undefined ? "-" : `${counts.pass} / ${counts.fail} / ${counts.skip}`;
}

function notesOf(results: readonly ReporterResult[]): readonly string[] {
  const notes = results.flatMap(({ runner, counted, differs, trouble }) => [
    ...(counted === undefined ? [] : [`${runner}: ${counted}.`]),
    ...(differs === undefined ? [] : [`${runner}: ${differs.because}.`]),
    ...(trouble === undefined ? [] : [`${runner}: ${trouble.replaceAll(/\s+/g, " ")}`]),
  ]);
  return [...new Set(notes)];
}
