import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Failure } from "../../src/errors.ts";
import type { Evidence } from "../../src/evidence/evidence.ts";
import type { SandboxProvider } from "../../src/sandbox/sandbox.ts";
import { providerFor } from "../integration/sandbox-fixture.ts";
import { chosenBy, runProgram, say, writeJson } from "../program.ts";
import { measure, openCase, submit } from "./try-upstream.ts";
import { UPSTREAM_CASES, type UpstreamCase } from "./upstream-case.ts";

const USAGE = `npm run upstream [-- OPTIONS]

Hands in the fixes that ${UPSTREAM_CASES.length} npm packages published, as they are and as tests alone, and compares verdicts:
the fix must be verified, its tests alone must not.

  --runtime NAME    A container runtime of the engine (runc)
  --only WORDS      Cases whose id holds one of these words, with commas between them
  --cache FOLDER    Where packages are kept (a folder of the system's temporary ones)
  --json FILE       Also write everything for programs
  --list            Print the cases and end`;

const OPTIONS = {
  runtime: { type: "string", default: "runc" },
  only: { type: "string" },
  cache: { type: "string", default: join(tmpdir(), "dunlin-upstream") },
  json: { type: "string" },
  list: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

type Tried = {
  readonly id: string;
  readonly runner: string;
  readonly fix: Outcome;
  readonly testsAlone: Outcome;
  readonly suiteMs: number;
  readonly baselineMs: number;
};

type Outcome = {
  readonly verdict: string;
  readonly reasons: readonly string[];
  readonly durationMs: number;
  readonly evidence?: Evidence;
};

await runProgram("upstream", main);

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: OPTIONS });
  if (values.help) return say(USAGE);
  const cases = chosenBy(values.only, UPSTREAM_CASES, ({ id }) => id);
  if (values.list) {
    return say(cases.map((one) => `${one.id.padEnd(26)} ${one.issue.title}`).join("\n"));
  }
  const provider = providerFor(values.runtime);
  const tried: Tried[] = [];
  say(row("", "case", "runner", "with the fix", "tests alone", "suite", "R0", "evidence"));
  try {
    for (const one of cases) {
      const result = await tryCase(one, provider, values.cache);
      tried.push(result);
      report(one, result);
    }
  } finally {
    await provider.close();
  }
  await writeJson(values.json, tried);
  const right = tried.filter(isRight).length;
  say(`\n${right} of ${tried.length} as they should be.`);
  return right === tried.length ? 0 : 1;
}

async function tryCase(
  one: UpstreamCase,
  provider: SandboxProvider,
  cache: string,
): Promise<Tried> {
  const open = await openCase(one, provider, cache);
  const startedAt = performance.now();
  const baseline = await measure(open);
  const baselineMs = performance.now() - startedAt;
  const fix = await outcomeOf(() => submit(open, baseline, open.upstream.fix));
  const testsAlone = await outcomeOf(() => submit(open, baseline, open.upstream.testsAlone));
  const { id, runner } = one;
  return { id, runner, fix, testsAlone, suiteMs: baseline.first.durationMs, baselineMs };
}

async function outcomeOf(prove: () => Promise<Evidence>): Promise<Outcome> {
  const startedAt = performance.now();
  const durationMs = () => performance.now() - startedAt;
  try {
    const evidence = await prove();
    const { verdict, reasons, gates } = evidence;
    const blocks = gates.filter(({ result }) => result === "block");
    const told = [
      ...reasons.map(({ detail }) => detail),
      ...blocks.map(({ id, path, detail }) => `${id}: ${path}: ${detail}`),
    ];
    return { verdict, reasons: told, durationMs: durationMs(), evidence };
  } catch (error) {
    if (!(error instanceof Failure) || error.kind === "unavailable") throw error;
    return { verdict: "refused", reasons: [error.message], durationMs: durationMs() };
  }
}

function isRight({ fix, testsAlone }: Tried): boolean {
  return fix.verdict === "verified" && !/^verified$/.test(testsAlone.verdict);
}

function report(one: UpstreamCase, result: Tried): void {
  const { id, runner, fix, testsAlone, suiteMs, baselineMs } = result;
  const mark = isRight(result) ? "" : one.unprovable === undefined ? "WRONG" : "known";
  const times = [suiteMs, baselineMs, fix.durationMs].map((ms) => `${(ms / 1000).toFixed(1)} s`);
  say(row(mark, id, runner, fix.verdict, testsAlone.verdict, ...times));
  if (mark === "") return;
  if (one.unprovable !== undefined) say(`        ${one.unprovable}`);
  for (const reason of fix.reasons.slice(0, 12)) say(`        ${reason.slice(0, 300)}`);
}

function row(mark: string, id: string, runner: string, ...rest: readonly string[]): string {
  const cells = rest.map((cell, index) => cell.padEnd(index < 2 ? 21 : 9));
  return `${mark.padEnd(6)}${id.padEnd(26)}${runner.padEnd(10)}${cells.join("")}`.trimEnd();
}
