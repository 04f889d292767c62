import { readFile, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { describeMachine } from "../../../bench/machine.ts";
import { chosenBy, runProgram, say, writeJson } from "../../program.ts";
import { GROUPS } from "./attack-case.ts";
import { CASES } from "./cases.ts";
import { PROVIDERS } from "./providers.ts";
import { mergeResults } from "./results-page.ts";
import type { CaseResult } from "./run-case.ts";
import { isBreached, runSuite, type SuiteResult } from "./run-suite.ts";

const PAGE = new URL("../../../docs/attack-results.md", import.meta.url);
const USAGE = `npm run attack [-- OPTIONS]

Lets ${CASES.length} attacks loose inside sandboxes and looks at what comes of each.

  --provider NAME   ${Object.keys(PROVIDERS).join(", ")} (docker)
  --runtime NAME    A container runtime of the engine; else the strongest that works
  --only WORDS      Cases whose id or group holds one of these words, with commas between them
  --json FILE       Also write everything for programs
  --write           Write the outcomes into docs/attack-results.md
  --list            Print the cases and end`;

const OPTIONS = {
  provider: { type: "string", default: "docker" },
  runtime: { type: "string" },
  only: { type: "string" },
  json: { type: "string" },
  write: { type: "boolean", default: false },
  list: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

await runProgram("attack", main);

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: OPTIONS });
  if (values.help) return say(USAGE);
  const wordsOf = ({ id, group }: (typeof CASES)[number]) => `${id} ${group.toLowerCase()}`;
  const cases = chosenBy(values.only?.toLowerCase(), CASES, wordsOf);
  if (values.list) return say(cases.map(({ id, aim }) => `${id.padEnd(24)} ${aim}`).join("\n"));
  const { provider, runtime } = values;
  const wanted = { provider, cases, onResult: report };
  const suite = await runSuite(runtime === undefined ? wanted : { ...wanted, runtime });
  summarize(suite);
  await writeJson(values.json, suite);
  if (values.write) await writePage(suite);
  return isBreached(suite) ? 1 : 0;
}

function report({ id, outcome, durationMs, memoryGrownMiB, notes }: CaseResult): void {
  const figures = `${(durationMs / 1000).toFixed(1)} s, ${memoryGrownMiB} MiB`;
  say(`${outcome.padEnd(25)} ${id.padEnd(24)} ${figures}`);
  for (const note of notes.slice(0, 8)) say(`    ${note.slice(0, 300)}`);
}

function summarize({ provider, probe, results, left }: SuiteResult): void {
  const counts = Map.groupBy(results, ({ outcome }) => outcome);
  const words = [...counts].map(([outcome, some]) => `${some.length} ${outcome}`);
  say(`\n${provider} ${probe.runtime}: ${words.join(", ")}.`);
  for (const line of left) say(line);
}

async function writePage(suite: SuiteResult): Promise<void> {
  const old = await readFile(PAGE, "utf8").catch(() => "");
  const machine = await describeMachine();
  const now = new Date().toISOString().slice(0, 10);
  await writeFile(PAGE, mergeResults(old, { suite, cases: CASES, groups: GROUPS, machine, now }));
  say("docs/attack-results.md is written.");
}
