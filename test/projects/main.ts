import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { describeMachine } from "../../bench/machine.ts";
import { findRegistries } from "../../src/registries.ts";
import { directDialler } from "../../src/sandbox/wire-host/dialler.ts";
import { providerFor } from "../integration/sandbox-fixture.ts";
import { chosenBy, runProgram, say, writeJson } from "../program.ts";
import { JAVASCRIPT } from "./javascript.ts";
import { resultsPage, works } from "./results-page.ts";
import { type ProjectResult, tryProject } from "./try-project.ts";

const PROJECTS = [...JAVASCRIPT];
const PAGE = new URL("../../docs/projects.md", import.meta.url);
const USAGE = `npm run projects [-- OPTIONS]

Installs and tests ${PROJECTS.length} real projects with no configuration, through Dunlin's own code in real sandboxes.

  --runtime NAME    A container runtime of the engine (runc)
  --only WORDS      Projects whose name holds one of these words, with commas between them
  --json FILE       Also write everything for programs
  --write           Write the table into docs/projects.md, once all were tried
  --list            Print the projects and end`;

const OPTIONS = {
  runtime: { type: "string", default: "runc" },
  only: { type: "string" },
  json: { type: "string" },
  write: { type: "boolean", default: false },
  list: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

await runProgram("projects", main);

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: OPTIONS });
  if (values.help) return say(USAGE);
  const chosen = chosenBy(values.only, PROJECTS, ({ id }) => id);
  if (values.list) return say(chosen.map(({ id }) => id).join("\n"));
  const registries = await findRegistries(undefined, process.env);
  const dialler = { ...directDialler, credentials: registries.credentials };
  const provider = providerFor(values.runtime, { dialler });
  const folder = await mkdtemp(join(tmpdir(), "dunlin-projects-"));
  const results: ProjectResult[] = [];
  try {
    for (const [at, one] of chosen.entries()) {
      const result = await tryProject(one, join(folder, `${at}`), { provider, registries });
      report(result);
      results.push(result);
    }
  } finally {
    await provider.close();
    await rm(folder, { recursive: true, force: true });
  }
  await writeJson(values.json, results);
  if (values.write) await writePage(results, values.runtime);
  return results.every(works) ? 0 : 1;
}

async function writePage(results: readonly ProjectResult[], runtime: string): Promise<void> {
  if (results.length < PROJECTS.length)
    throw new Error("The page is about all projects: leave --only out.");
  const { cpus, cpu, commit } = await describeMachine();
  const machine = `${cpus} × ${cpu} with Dunlin at ${commit}`;
  const now = new Date().toISOString().slice(0, 10);
  await writeFile(PAGE, resultsPage(results, { runtime, machine, now }));
  say("docs/projects.md is written.");
}

function report({ id, project, suite, trouble, installFindings }: ProjectResult): void {
  const count = (status: string) => suite?.tests.filter((test) => test.status === status).length;
  say(`${id}: ${count("pass") ?? 0} passed, ${count("fail") ?? 0} failed, exit ${suite?.exitCode}`);
  for (const line of [...(project?.findings ?? []), ...installFindings]) say(`    ${line}`);
  if (trouble !== undefined) say(`    ${trouble}`);
  else if (!count("pass") || count("fail") || suite?.exitCode !== 0)
    say(suite?.logTail.slice(-1500) ?? "");
}
