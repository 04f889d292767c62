import type { ProjectResult } from "./try-project.ts";

type About = { readonly runtime: string; readonly machine: string; readonly now: string };

const TITLES = ["project", "from", "manager", "runner", "how Dunlin found it", "its suite", "run"];

/** What was found and what came of it, for people who weren't there. */
export function resultsPage(results: readonly ProjectResult[], about: About): string {
  const rows = [TITLES, TITLES.map(() => "---"), ...results.map(cellsOf)];
  const working = results.filter(works).length;
  const notes = results.flatMap(notesOf);
  return `${[
    "# Real projects with no configuration",
    `What Dunlin finds of real projects from their files alone: how they are installed, with the registries reachable, and tested, in a fresh sandbox without a network. The results are those of \`npm run projects\` on ${about.now}, on ${about.machine}, in sandboxes of ${about.runtime}.`,
    `${working} of ${results.length} work: their tests ran and none failed. A package may stand here more than once, with another manager. The numbers are passed / failed / skipped.`,
    rows.map((row) => `| ${row.map(inCell).join(" | ")} |`).join("\n"),
    ...(notes.length === 0 ? [] : [notes.map((note) => `- ${note}`).join("\n")]),
  ].join("\n\n")}\n`;
}

export function works({ suite }: ProjectResult): boolean {
  const passes = suite?.tests.some(({ status }) => status === "pass") === true;
  return passes && suite?.exitCode === 0 && !suite.tests.some(({ status }) => status === "fail");
}

function cellsOf(result: ProjectResult): readonly string[] {
  const { id, from, project, installFindings } = result;
  return [
    id,
    from,
    project?.packageManager ?? "-",
    project?.test.runner ?? "-",
    [...(project?.findings ?? []), ...installFindings].join("<br>"),
    formatCounts(result),
    result.suite === undefined ? "not run" : "run",
  ];
}

function formatCounts({ suite }: ProjectResult): string {
  if (suite === undefined) return "-";
  const count = (status: string) => suite.tests.filter((test) => test.status === status).length;
  return `${count("pass")} / ${count("fail")} / ${count("skip")}`;
}

function notesOf(result: ProjectResult): readonly string[] {
  const { id, additions, suite, trouble } = result;
  const failed = suite !== undefined && !works(result);
  return [
    ...(additions.length === 0
      ? []
      : [`${id}: added to what was published: ${additions.join(", ")}.`]),
    ...(trouble === undefined ? [] : [`${id}: ${trouble.replaceAll(/\s+/g, " ")}`]),
    ...(failed
      ? [`${id}: its suite ended with exit code ${suite.exitCode}; it isn't counted.`]
      : []),
  ];
}

function inCell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll(/\s+/g, " ");
}
