import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { describeMachine } from "../../bench/machine.ts";
import { providerFor } from "../integration/sandbox-fixture.ts";
import { chosenBy, runProgram, say, writeJson } from "../program.ts";
import { REPORTER_CASES } from "./cases.ts";
import { resultsPage, tableOf } from "./results-page.ts";
import { isEqual, type ReporterResult, tryCase } from "./try-case.ts";

const PAGE = new URL("../../docs/reporters.md", import.meta.url);
const USAGE = `npm run reporters [-- OPTIONS]

Runs the tests of ${REPORTER_CASES.length} real projects by their runners alone and by Dunlin, and compares what each counted.

  --runtime NAME    A container runtime of the engine (runc)
  --only WORDS      Cases whose runner or project holds one of these words, with commas between them
  --cache FOLDER    Where packages are kept (a folder of the system's temporary ones)
  --json FILE       Also write everything for programs
  --write           Write the table into docs/reporters.md, once all were tried
  --list            Print the cases and end`;

const OPTIONS = {
  runtime: { type: "string", default: "runc" },
  only: { type: "string" },
  cache: { type: "string", default: join(tmpdir(), "dunlin-upstream") },
  json: { type: "string" },
  write: { type: "boolean", default: false },
  list: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

await runProgram("reporters", main);

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: OPTIONS });
  if (values.help) return say(USAGE);
  const cases = chosenBy(
    values.only,
    REPORTER_CASES,
    ({ runner, project }) => `${runner} ${project}`,
  );
  if (values.list) {
    return say(cases.map(({ runner, project }) => `${runner.padEnd(12)} ${project}`).join("\n"));
  }
  const provider = providerFor(values.runtime);
  const results: ReporterResult[] = [];
  try {
    for (const one of cases) results.push(await tryCase(one, provider, values.cache));
  } finally {
    await provider.close();
  }
  say(tableOf(results));
  await writeJson(values.json, results);
  if (values.write) await writePage(results, values.runtime);
  return results.every(isEqual) ? 0 : 1;
}

async function writePage(results: readonly ReporterResult[], runtime: string): Promise<void> {
  if (results.length < REPORTER_CASES.length)
    throw new Error("The page is about all cases: leave --only out.");
  const { cpus, cpu, commit } = await describeMachine();
  const machine = `${cpus} × ${cpu} with Dunlin at ${commit}`;
  const now = new Date().toISOString().slice(0, 10);
  await writeFile(PAGE, resultsPage(results, { runtime, machine, now }));
  say("docs/reporters.md is written.");
}
