// Asks a sandbox provider whether it keeps what the port promises.
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { LAWS } from "./all-laws.ts";
import { type Judgement, judgeAll } from "./judge.ts";
import { PROVIDERS } from "./providers.ts";
import { lawList, row, summary } from "./report.ts";
import { openStage } from "./stage.ts";

const HELP = `npm run conformance -- --provider NAME [options]

  --provider NAME  ${Object.keys(PROVIDERS).join(", ")}
  --runtime NAME   The runtime to use, where the provider has several (as the engine calls it)
  --only TEXT      Only laws whose concern or promise has this in it
  --json FILE      Write the results there too
  --list           Only show the laws, and what each needs
`;

const OPTIONS = {
  provider: { type: "string" },
  runtime: { type: "string" },
  only: { type: "string", default: "" },
  json: { type: "string" },
  list: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

const write = (text: string) => void process.stdout.write(`${text}\n`);

type Result = Judgement & { readonly concern: string };

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: OPTIONS });
  if (values.help) write(HELP);
  else if (values.list) write(lawList(chosenLaws(values.only)));
  else return ask(values);
  return 0;
}

function chosenLaws(only: string) {
  const has = (text: string) => text.toLowerCase().includes(only.toLowerCase());
  return Object.entries(LAWS)
    .map(([concern, laws]) => ({
      concern,
      laws: laws.filter(({ promise }) => has(concern) || has(promise)),
    }))
    .filter(({ laws }) => laws.length > 0);
}

async function ask(values: {
  readonly provider?: string | undefined;
  readonly runtime?: string | undefined;
  readonly only: string;
  readonly json?: string | undefined;
}): Promise<number> {
  const chosen = chosenLaws(values.only);
  if (chosen.length === 0) throw new Error(`No law has ${values.only} in it; --list shows them.`);
  const startedAt = performance.now();
  const results: Result[] = [];
  await using stage = await openStage(values.provider ?? "", values.runtime);
  stopCleanly(() => stage[Symbol.asyncDispose]());
  const { runtime, capabilities } = stage;
  const about = { provider: stage.provider.name, runtime, capabilities };
  for (const { concern, laws } of chosen) {
    write(`\n${concern}`);
    await judgeAll(stage, laws, (judgement) => {
      results.push({ concern, ...judgement });
      write(row(judgement));
    });
  }
  const seconds = (performance.now() - startedAt) / 1000;
  write(`\n${summary(about, results, seconds)}`);
  if (values.json !== undefined) {
    await writeFile(values.json, `${JSON.stringify({ ...about, seconds, results }, null, 2)}\n`);
  }
  return results.some(({ outcome }) => outcome === "failed") ? 1 : 0;
}

/** Whoever stops the suite in the middle finds no sandbox of it either. */
function stopCleanly(close: () => PromiseLike<void>): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      void Promise.resolve(close()).finally(() => process.exit(130));
    });
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  write(`conformance: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
