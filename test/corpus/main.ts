import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { describeMachine } from "../../bench/machine.ts";
import { inParallel } from "../../src/evidence/runs/in-parallel.ts";
import { providerFor } from "../integration/sandbox-fixture.ts";
import { chosenBy, runProgram, say, writeJson } from "../program.ts";
import { CASES } from "./cases.ts";
import { confusion } from "./confusion.ts";
import { createKits } from "./kits.ts";
import { KNOWN_MISSES } from "./known-misses.ts";
import { resultsPage } from "./results-page.ts";
import { type CaseResult, isRight, tryCase } from "./try-case.ts";

const PAGE = new URL("../../docs/evidence-corpus.md", import.meta.url);
const USAGE = `npm run corpus [-- OPTIONS]

Hands in ${CASES.length} submissions of which it is known whether they prove anything, and counts wrong verdicts.

  --runtime NAME    A container runtime of the engine (runc)
  --only WORDS      Cases whose id or kind holds one of these words, with commas between them
  --json FILE       Also write everything for programs
  --write           Write the outcomes into docs/evidence-corpus.md, once all were tried
  --list            Print the cases and end`;

const OPTIONS = {
  runtime: { type: "string", default: "runc" },
  only: { type: "string" },
  json: { type: "string" },
  write: { type: "boolean", default: false },
  list: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

await runProgram("corpus", main);

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: OPTIONS });
  if (values.help) return say(USAGE);
  const cases = chosenBy(values.only, CASES, ({ id, kind }) => `${kind} ${id}`);
  if (values.list) return say(cases.map(({ id, what }) => `${id.padEnd(40)} ${what}`).join("\n"));
  const provider = providerFor(values.runtime);
  const layersOf = createKits();
  const tasks = cases.map((one) => async () => {
    const result = await tryCase(one, provider, layersOf);
    report(result);
    return result;
  });
  const results = await inParallel(tasks, { atOnce: 2, signal: new AbortController().signal });
  await provider.close();
  say(`\n${confusion(results)}`);
  await writeJson(values.json, results);
  if (values.write) await writePage(results, values.runtime);
  const isKnown = ({ id }: CaseResult) => KNOWN_MISSES[id] !== undefined;
  return results.every((result) => isRight(result) || isKnown(result)) ? 0 : 1;
}

async function writePage(results: readonly CaseResult[], runtime: string): Promise<void> {
  if (results.length < CASES.length)
    throw new Error("The page is about all cases: leave --only out.");
  const { cpus, cpu, commit } = await describeMachine();
  const machine = `${cpus} × ${cpu} with Dunlin at ${commit}`;
  const now = new Date().toISOString().slice(0, 10);
  await writeFile(PAGE, resultsPage(results, { runtime, machine, now }));
  say("docs/evidence-corpus.md is written.");
}

function report(result: CaseResult): void {
  const { id, kind, outcome, reasons, durationMs } = result;
  const mark = isRight(result) ? "     " : KNOWN_MISSES[id] === undefined ? "WRONG" : "known";
  say(
    `${mark} ${kind.padEnd(12)} ${outcome.padEnd(21)} ${id} (${(durationMs / 1000).toFixed(1)} s)`,
  );
  if (kind === "honest" || mark !== "     ") {
    for (const reason of reasons.slice(0, 6)) say(`        ${reason.slice(0, 300)}`);
  }
}
