import type { AttackCase } from "./attack-case.ts";
import type { SuiteResult } from "./run-suite.ts";

export type PageInput = {
  readonly suite: SuiteResult;
  readonly cases: readonly Pick<AttackCase, "id" | "number" | "group" | "aim">[];
  readonly groups: readonly string[];
  readonly machine: { readonly cpus: number; readonly kernel: string; readonly engine: string };
  /** Day, ISO. */
  readonly now: string;
};

const FIXED = ["Attack", "No.", "What it tries"];
const NOTES = "Notes";
const PER_NOTE = 110;
const INTRO = `# What came of the attacks

Programs that try to do harm from inside a sandbox, and what came of each, written by the command that ran them:

\`\`\`
npm run attack -- --provider docker --runtime runsc --write
\`\`\`

*held*: it was refused or ran into its limits, and the sandbox answers. *contained*: the sandbox was lost, known to be lost
within a bound, and nothing else was touched. *ESCAPED*, *LEAKED*, *STUCK*: it did harm, it saw what it must not, something
waited for ever. *UNPROVEN*: the attack could not be carried out as it was meant. After every attack the host is looked at
too: planted files and processes, settings of the kernel, the clock, servers at every address, Dunlin's own memory,
processes that got out, and what is left once the sandbox is destroyed.

The numbers are those of the list of cases that the project began with; 29 to 37 are also acted out against the whole App
(\`test/attack/README.md\`). Programs: \`test/attack/sandbox/programs/\`.`;

/** What a page knows: a column's outcomes and notes by case, and how each column came about. */
type Known = {
  readonly columns: Map<string, Map<string, string>>;
  readonly notes: Map<string, Map<string, string>>;
  readonly origins: Map<string, string>;
};

/** The page with this runtime's outcomes put in or replaced, and all others as they were. */
export function mergeResults(old: string, input: PageInput): string {
  const known = read(old);
  const { suite, machine, now } = input;
  const column = columnOf(suite);
  const results = suite.results;
  const outcomes = known.columns.get(column) ?? new Map<string, string>();
  const notes = known.notes.get(column) ?? new Map<string, string>();
  for (const result of results) {
    outcomes.set(result.id, result.outcome);
    notes.set(result.id, shorten(result.notes));
  }
  known.columns.set(column, outcomes);
  known.notes.set(column, notes);
  const isolation = suite.probe.capabilities?.isolation ?? "unknown";
  known.origins.set(
    column,
    `${isolation}; ${machine.cpus} processors, kernel ${machine.kernel}, ${machine.engine}; ${now}`,
  );
  return write(known, input);
}

export function columnOf({ provider, probe }: Pick<SuiteResult, "provider" | "probe">): string {
  const { runtime } = probe;
  return runtime === "" || runtime.startsWith(provider) ? provider : `${provider} ${runtime}`;
}

function shorten(notes: readonly string[]): string {
  const [first = ""] = notes;
  const clean = first.replace(/[|<>\s]+/g, " ").trim();
  const short = clean.length > PER_NOTE ? `${clean.slice(0, PER_NOTE - 1)}…` : clean;
  return notes.length > 1 ? `${short} (and ${notes.length - 1} more)` : short;
}

function write({ columns, notes, origins }: Known, { cases, groups }: PageInput): string {
  const names = [...columns.keys()].toSorted();
  const parts = [INTRO, "## Where it ran"];
  parts.push(names.map((name) => `- **${name}**: ${origins.get(name) ?? "unknown"}`).join("\n"));
  parts.push(totals(names, columns));
  for (const group of groups) {
    const rows = cases
      .filter((one) => one.group === group)
      .map(({ id, number, aim }) => [
        `\`${id}\``,
        `${number ?? ""}`,
        aim,
        ...names.map((name) => columns.get(name)?.get(id) ?? "–"),
        names.flatMap((name) => noteOf(name, notes.get(name)?.get(id))).join("<br>"),
      ]);
    if (rows.length > 0) parts.push(`## ${group}`, table([...FIXED, ...names, NOTES], rows));
  }
  return `${parts.join("\n\n")}\n`;
}

function totals(names: readonly string[], columns: Known["columns"]): string {
  const rows = names.map((name) => {
    const outcomes = [...(columns.get(name)?.values() ?? [])];
    const counts = Map.groupBy(outcomes, (outcome) => outcome);
    return [name, [...counts].map(([outcome, some]) => `${some.length} ${outcome}`).join(", ")];
  });
  return table(["Runtime", "Outcomes"], rows);
}

function noteOf(column: string, note: string | undefined): readonly string[] {
  return note === undefined || note === "" ? [] : [`${column}: ${note}`];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** Reads what `write` wrote. */
function read(page: string): Known {
  const known: Known = { columns: new Map(), notes: new Map(), origins: new Map() };
  for (const [, name = "", origin = ""] of page.matchAll(/^- \*\*(.+?)\*\*: (.*)$/gm)) {
    known.origins.set(name, origin);
    known.columns.set(name, new Map());
    known.notes.set(name, new Map());
  }
  let names: readonly string[] = [];
  for (const row of page.split("\n").filter((text) => text.startsWith("| "))) {
    const cells = row.slice(2, -2).split(" | ");
    if (cells[0] === FIXED[0]) names = cells.slice(FIXED.length, -1);
    else if (/^`.+`$/.test(cells[0] ?? "")) readRow(known, names, cells);
  }
  return known;
}

function readRow(known: Known, names: readonly string[], cells: readonly string[]): void {
  const id = (cells[0] ?? "").slice(1, -1);
  for (const [at, name] of names.entries()) {
    known.columns.get(name)?.set(id, cells[FIXED.length + at] ?? "");
  }
  for (const note of (cells.at(-1) ?? "").split("<br>")) {
    const name = names.find((one) => note.startsWith(`${one}: `));
    if (name !== undefined) known.notes.get(name)?.set(id, note.slice(name.length + 2));
  }
}
