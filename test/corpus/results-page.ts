import { CASES } from "./cases.ts";
import { confusion } from "./confusion.ts";
import { type CaseResult, isRight } from "./try-case.ts";

type About = { readonly runtime: string; readonly machine: string; readonly now: string };

/** The whole corpus with what came of each submission, for people. */
export function resultsPage(results: readonly CaseResult[], about: About): string {
  const byId = new Map(results.map((result) => [result.id, result]));
  const wrong = results.filter((result) => !isRight(result));
  const sections = (["adversarial", "honest"] as const).map((kind) => {
    const rows = CASES.filter((one) => one.kind === kind).map(({ id, what }) =>
      [`\`${id}\``, cell(what), byId.get(id)?.outcome ?? "not run"].join(" | "),
    );
    return `## ${kind === "honest" ? "Honest" : "Adversarial"} submissions (${rows.length})\n\n| submission | what it does | outcome |\n| --- | --- | --- |\n${rows.map((row) => `| ${row} |`).join("\n")}`;
  });
  return `${[
    "# The evidence corpus",
    `Submissions of which it is known whether they prove anything, written from Dunlin's promises alone by authors who had not seen the code that judges. Each miss found later is added, none is ever removed. \`npm run corpus -- --write\` wrote this page on ${about.now}, on ${about.machine}, in sandboxes of ${about.runtime}.`,
    confusion(results),
    "An adversarial submission must never be `verified`; an honest one should be. `refused` was not run: its patch may not be published, or its tests can't be run yet.",
    `## Wrong (${wrong.length})`,
    wrong.length === 0 ? "None." : wrong.map(line).join("\n"),
    ...sections,
  ].join("\n\n")}\n`;
}

function line({ id, kind, outcome, reasons }: CaseResult): string {
  const why = reasons.length === 0 ? "" : `: ${reasons.slice(0, 2).map(cell).join(" ")}`;
  return `- \`${id}\` (${kind}) is ${outcome}${why}`;
}

/** One line that ends no table cell and begins no markup. */
function cell(text: string): string {
  return text
    .slice(0, 300)
    .replaceAll(/\s+/g, " ")
    .replaceAll(/[|<>]/g, (one) => `\\${one}`);
}
