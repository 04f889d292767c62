import { Failure } from "../errors.ts";
import type { ExecResult, OutputChunk, Sandbox } from "../sandbox/sandbox.ts";
import { explainLoad } from "./explain-load.ts";
import type { PackageManager, Project } from "./project.ts";
import { prelude } from "./project-shell.ts";
import { runnerVariables, SHIMMED } from "./reporters/shims.ts";
import { type Report, readReport } from "./reports/read-report.ts";
import { type ReportPlace, reportFiles } from "./reports/report-files.ts";
import { takeReports } from "./reports/take-reports.ts";
import { quoteWord } from "./shell-words.ts";
import type { SuiteRun, TestResult } from "./suite.ts";
import { type Hash, SuiteLog, tailOf } from "./suite-log.ts";

export type SuiteOptions = {
  /** Only tests of these files, relative to the workspace; the whole suite when left out. */
  readonly files?: readonly string[];
  /** Only tests whose full name holds this text. */
  readonly name?: string;
  /** Only the one test of this full name, where the runner can choose; another runner runs the others as well. */
  readonly alone?: string;
  /** How far ahead of the real one the clock of every Node program is. */
  readonly clockAheadMs?: number;
  /** Added to the command's environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  readonly onOutput?: (chunk: OutputChunk) => void | Promise<void>;
  /** A fresh SHA-256. */
  readonly createHash: () => Hash;
};

const MOST_LOG_BYTES = 64 * 1024 * 1024;
/** Beside the workspace, and made anew for each run. */
const FOLDER = "/tmp/dunlin-check";
const PROGRAMS = ["node", ...SHIMMED];
const RANDOM = "od -An -v -N32 -tx1 /dev/urandom | tr -d ' \\n'";
const PREPARE = `rm -rf ${FOLDER} && mkdir -m 700 ${FOLDER} && pwd -P && ${RANDOM} && echo && { ${PROGRAMS.map((name) => `command -v ${name} || echo`).join("; ")}; }`;
const KEY = /^[0-9a-f]{64}$/;
const NEED_NODE: readonly PackageManager[] = ["npm", "pnpm", "yarn", "bun"];

async function prepare(
  sandbox: Sandbox,
  { packageManager }: Project,
  signal: AbortSignal | undefined,
): Promise<ReportPlace> {
  const result = await sandbox.exec(["sh", "-c", PREPARE], {
    timeoutMs: 60_000,
    ...(signal === undefined ? {} : { signal }),
  });
  const [root = "", key = "", ...found] = new TextDecoder().decode(result.stdout).split("\n");
  const programs = Object.fromEntries(
    PROGRAMS.map((name, at) => [name, found[at] ?? ""]).filter(([, path]) => path?.startsWith("/")),
  );
  const isReady = programs.node !== undefined || !NEED_NODE.includes(packageManager);
  if (result.exitCode === 0 && root.startsWith("/") && KEY.test(key) && isReady) {
    return { folder: FOLDER, root, programs, key };
  }
  signal?.throwIfAborted();
  if (result.end !== "exit") {
    throw new Failure(
      "unavailable",
      "sandbox-lost",
      "The sandbox was lost before the tests could start; they are started again in a new one.",
    );
  }
  throw new Failure(
    "invalid-request",
    "no-node",
    "The sandbox has no Node, so no test can run there; choose an image that has it with `image` in .github/dunlin.yml.",
  );
}

/** Yarn puts its own `node` first on the path of each script, so the reporters come in by another door there. */
function yarnOptions(folder: string): readonly string[] {
  const reporters = [`${folder}/node-test.mjs`, "spec"].map((name) => `--test-reporter=${name}`);
  const places = [`${folder}/discarded`, "stdout"].map((to) => `--test-reporter-destination=${to}`);
  return [`--require=${folder}/hook.cjs`, ...reporters, ...places];
}

function environment(project: Project, folder: string, clockAheadMs: number | undefined): string {
  const options = [
    ...(project.packageManager === "yarn" ? yarnOptions(folder) : []),
    ...(clockAheadMs === undefined ? [] : [`--require=${folder}/clock.cjs`]),
  ];
  const node = options.length > 0 ? [`NODE_OPTIONS=${quoteWord(options.join(" "))}`] : [];
  const quiet = ["NO_UPDATE_NOTIFIER=1", "npm_config_update_notifier=false"];
  const python = [`PYTHONPATH=${folder}/python`, "PYTHONDONTWRITEBYTECODE=1"];
  const rust = runnerVariables(folder);
  return ["CI=true", ...quiet, "npm_config_loglevel=warn", ...node, ...python, ...rust].join(" ");
}

function execute(
  sandbox: Sandbox,
  project: Project,
  place: ReportPlace,
  log: SuiteLog,
  options: SuiteOptions,
): Promise<ExecResult> {
  const before = `export ${environment(project, place.folder, options.clockAheadMs)}\n${prelude(project, [`${place.folder}/bin`])}`;
  return sandbox.exec(["sh", "-c", `${before}${project.test.command}`], {
    timeoutMs: options.timeoutMs,
    maxOutputBytes: 1024,
    killAfterOutputBytes: MOST_LOG_BYTES,
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    onOutput: (chunk) => {
      log.add(chunk);
      return options.onOutput?.(chunk);
    },
  });
}

function commandText({ test: { command } }: Project, { files, alone }: SuiteOptions): string {
  const only = [...(files ?? []), ...(alone === undefined ? [] : [alone])];
  return only.length === 0 ? command : `${command} # only ${only.map(quoteWord).join(" ")}`;
}

function isWanted(test: TestResult, options: SuiteOptions): boolean {
  if (options.files !== undefined && !options.files.includes(test.key.file)) return false;
  return options.name === undefined || test.key.name.includes(options.name);
}

/**
 * Runs the repository's own test command, unchanged, in the workspace and reads what each test did from reporters
 * that ride along. Never throws for what tests do; `end` and an empty `tests` tell. Throws `unavailable/sandbox-lost`,
 * `invalid-request/no-node` and `limit-reached/report-too-large`.
 */
export async function runSuite(
  sandbox: Sandbox,
  project: Project,
  options: SuiteOptions,
): Promise<SuiteRun> {
  const place = await prepare(sandbox, project, options.signal);
  await sandbox.writeFiles(reportFiles(place, options));
  const log = new SuiteLog(options.createHash());
  const result = await execute(sandbox, project, place, log, options);
  const { tests: all, integrity } = await reportOf(sandbox, project, place, result.end, options);
  const text = log.end();
  const tests = all.filter((test) => isWanted(test, options));
  const ended = { end: result.end, exitCode: result.exitCode, tests, log: text, root: place.root };
  return {
    command: commandText(project, options),
    end: result.end,
    exitCode: result.exitCode,
    durationMs: result.durationMs,
    integrity,
    tests: [...tests, ...explainLoad(ended, options.files)],
    logTail: tailOf(text),
    logSha256: log.sha256(),
  };
}

async function reportOf(
  sandbox: Sandbox,
  { test }: Project,
  place: ReportPlace,
  end: ExecResult["end"],
  { signal, createHash }: SuiteOptions,
): Promise<Report> {
  if (end === "lost" || end === "oom" || signal?.aborted === true) {
    return { tests: [], integrity: { ended: false, foreign: 0 } };
  }
  return readReport(
    await takeReports(sandbox, place.folder, test.reports ?? []),
    place,
    createHash,
  );
}
