// Breaks one line of the sources after the other and shows that a test notices each. The work tree stays as it is.
import { writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { BREAKS } from "./all-breaks.ts";
import type { Break } from "./break.ts";
import { checkTests } from "./check-tests.ts";
import { copyRepository } from "./copy.ts";
import { PROMISES } from "./promises.ts";
import { type Trial, tryBreak } from "./try-break.ts";

const HELP = `npm run test:teeth -- [options]

  --only PART   Only breaks whose id or promise begins with this; may be given several times
  --jobs N      So many at once (default: half of the processors)
  --json FILE   Write the results there too
  --list        Only show the breaks
`;

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true },
    jobs: { type: "string" },
    json: { type: "string" },
    list: { type: "boolean" },
    help: { type: "boolean", short: "h" },
  },
});
const write = (text: string) => process.stdout.write(text);

function chosen(): readonly Break[] {
  const { only } = values;
  if (only === undefined) return BREAKS;
  return BREAKS.filter(({ id, promise }) =>
    only.some((part) => id.startsWith(part) || promise.startsWith(part)),
  );
}

function row(one: Break, ...rest: readonly string[]): string {
  const test = one.test.replace(/^test\//, "").replace(/\.test\.ts$/, "");
  const cells = [one.id.padEnd(28), PROMISES[one.promise].padEnd(84), test.padEnd(50), ...rest];
  return `${cells.join("  ").trimEnd()}\n`;
}

async function tryAll(breaks: readonly Break[], jobs: number): Promise<readonly Trial[]> {
  const trials: Trial[] = [];
  const waiting = [...breaks];
  const work = async () => {
    await using copy = await copyRepository();
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      const trial = await tryBreak(copy.folder, one);
      trials.push(trial);
      write(row(one, trial.result.padEnd(7), `${trial.seconds.toFixed(1)} s`.padStart(8)));
      if (trial.result !== "red") write(`    ${trial.detail}\n`);
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  return trials;
}

async function main(): Promise<number> {
  const breaks = chosen();
  if (values.help === true) return Number(!write(HELP));
  if (values.list === true) return Number(!write(breaks.map((one) => row(one)).join("")));
  const jobs = Number(values.jobs ?? Math.max(1, Math.floor(availableParallelism() / 2)));
  const startedAt = performance.now();
  write("The tests without a break\n");
  const problems = await withCopy((folder) =>
    checkTests(folder, breaks, (text) => write(`  ${text}\n`)),
  );
  for (const [id, problem] of problems) write(`${id}: ${problem}\n`);
  write(
    `\n${"break".padEnd(28)}  ${"promise".padEnd(84)}  ${"test".padEnd(50)}  result   seconds\n`,
  );
  const trials = await tryAll(
    breaks.filter(({ id }) => !problems.has(id)),
    jobs,
  );
  const count = (result: Trial["result"]) => trials.filter((one) => one.result === result).length;
  const seconds = (performance.now() - startedAt) / 1000;
  const invalid = count("invalid") + problems.size;
  write(
    `\n${count("red")} red, ${count("green")} green, ${invalid} that say nothing; ${seconds.toFixed(0)} s\n`,
  );
  if (values.json !== undefined) {
    const all = { breaks, trials, problems: Object.fromEntries(problems), seconds };
    await writeFile(values.json, `${JSON.stringify(all, null, 2)}\n`);
  }
  return count("red") === breaks.length ? 0 : 1;
}

async function withCopy<T>(body: (folder: string) => Promise<T>): Promise<T> {
  await using copy = await copyRepository();
  return await body(copy.folder);
}

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
process.exitCode = await main();
