import { z } from "zod";
import { Failure } from "../../errors.ts";
import type { Sandbox } from "../../sandbox/sandbox.ts";
import { WORKSPACE } from "../../sandbox/sandbox.ts";
import { cleanLine } from "../clean-text.ts";
import type { Project } from "../project.ts";
import { runSuite, type SuiteOptions } from "../run-suite.ts";
import type { SuiteRun } from "../suite.ts";
import type { CoverageTool } from "./coverage-tool.ts";
import { istanbul, runnerProgram } from "./istanbul.ts";
import { v8 } from "./v8.ts";

/** Lines of one file, from 1. */
export type FileLines = { readonly path: string; readonly lines: readonly number[] };

/** Which of the wanted lines ran. Plain JSON, out of a sandbox: nothing more than a hint for people. */
export type MeasuredCoverage = {
  readonly suite: SuiteRun;
  /** Tools that saw a test. */
  readonly tools: readonly string[];
  readonly files: readonly {
    readonly path: string;
    readonly ran: readonly number[];
    readonly missed: readonly number[];
    /** Why nothing is known of it although it ran. */
    readonly doubt: string | null;
  }[];
};

/** Each in a file of its own; a language's tool comes in here. */
const TOOLS: readonly CoverageTool[] = [v8, istanbul];
const FOLDER = "/tmp/dunlin-coverage";
const READERS = "/tmp/dunlin-coverage-readers";
const MOST_ANSWER_BYTES = 8 * 1024 * 1024;
const READ_TIMEOUT_MS = 120_000;

const MAIN = String.raw`'use strict'
const { folder, root, files, tests, tools } = require('./wanted.json')
const lines = new Map()
const doubts = new Map()
const seeing = []
for (const tool of tools) {
  const mark = (path, line, ran) => lines.set(path + '\0' + line, ran || lines.get(path + '\0' + line) === true)
  const doubt = (path, reason) => doubts.set(path, reason)
  const seen = () => seeing.includes(tool) || seeing.push(tool)
  require('./' + tool + '.cjs')({ folder, root, files, tests, seen, mark, doubt })
}
const found = Object.entries(files).map(([path, wanted]) => {
  const by = (ran) => wanted.filter((line) => lines.get(path + '\0' + line) === ran)
  const known = wanted.some((line) => lines.has(path + '\0' + line))
  return { path, ran: by(true), missed: by(false), doubt: known ? null : doubts.get(path) ?? null }
})
process.stdout.write(JSON.stringify({ tools: seeing, files: found }))
`;

const numbers = z.array(z.int().positive());
const Answer = z.object({
  tools: z.array(z.string()),
  files: z.array(
    z.object({
      path: z.string(),
      ran: numbers,
      missed: numbers,
      doubt: z.string().nullable(),
    }),
  ),
});

export function canMeasure(path: string): boolean {
  return TOOLS.some((tool) => tool.sees(path));
}

/**
 * Runs tests as `runSuite` does, and sees which of the wanted lines ran. In a sandbox of its own: the tests run slower
 * and may notice. Throws as `runSuite` does, and `unavailable/coverage-unreadable`.
 */
export async function measureCoverage(
  sandbox: Sandbox,
  project: Project,
  options: SuiteOptions & { readonly wanted: readonly FileLines[] },
): Promise<MeasuredCoverage> {
  const { wanted, ...suiteOptions } = options;
  const files = Object.fromEntries(wanted.map(({ path, lines }) => [path, lines]));
  const target = { folder: FOLDER, root: WORKSPACE, files };
  await shell(sandbox, `rm -rf ${FOLDER} ${READERS} && mkdir -m 700 ${FOLDER}`);
  await write(sandbox, FOLDER, { "wanted.json": JSON.stringify(target), "runner.cjs": runnerProgram });
  const env = TOOLS.map((tool) => tool.env(FOLDER, project.test.runner));
  const suite = await runSuite(sandbox, project, {
    ...suiteOptions,
    env: Object.assign({}, options.env, ...env),
  });
  if (suite.end !== "exit") return { suite, tools: [], files: [] };
  const tests = [...new Set(suite.tests.map(({ key }) => key.file))];
  const tools = TOOLS.map(({ name }) => name);
  await write(sandbox, READERS, {
    "wanted.json": JSON.stringify({ ...target, tests, tools }),
    "main.cjs": MAIN,
    ...Object.fromEntries(TOOLS.map(({ name, reader }) => [`${name}.cjs`, reader])),
  });
  return { suite, ...(await read(sandbox)) };
}

async function read(sandbox: Sandbox): Promise<Omit<MeasuredCoverage, "suite">> {
  const answer = await shell(sandbox, `node ${READERS}/main.cjs; rm -rf ${FOLDER} ${READERS}`);
  const found = Answer.safeParse(parseJson(answer)).data;
  if (found === undefined) {
    const message = "What the tests left about the lines that ran could not be read.";
    throw new Failure("unavailable", "coverage-unreadable", message);
  }
  const files = found.files.map((file) => ({
    ...file,
    doubt: file.doubt === null ? null : cleanLine(file.doubt, 300),
  }));
  return { tools: found.tools, files };
}

async function shell(sandbox: Sandbox, script: string): Promise<string> {
  const { stdout } = await sandbox.exec(["sh", "-c", script], {
    cwd: "/tmp",
    timeoutMs: READ_TIMEOUT_MS,
    maxOutputBytes: MOST_ANSWER_BYTES,
  });
  return new TextDecoder().decode(stdout);
}

async function write(
  sandbox: Sandbox,
  folder: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  const encoder = new TextEncoder();
  await sandbox.writeFiles(
    Object.entries(files).map(([name, text]) => ({
      path: `${folder}/${name}`,
      data: encoder.encode(text),
    })),
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
