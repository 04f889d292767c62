import { reportFiles } from "../../src/check/reports/report-files.ts";
import { type FileWrite, type Sandbox, WORKSPACE } from "../../src/sandbox/sandbox.ts";
import { benchProvider, benchSpec } from "../sandboxes.ts";
import { STEPS } from "./steps.ts";

/** Milliseconds of a whole script and of each of its commands. */
export type BareRound = { readonly totalMs: number; readonly stepsMs: readonly number[] };

const COMMIT = `git init -q . && git add -A &&
  git -c user.name=bench -c user.email=bench@localhost commit -q -m base`;
const TESTS_AFTER = 21;
const SCRIPT_FILE = "/tmp/script.sh";

export type BareArm = { round(): Promise<BareRound> };

/**
 * The script in a fresh container of Dunlin's own kind each round, with the repository in place before the clock
 * starts. The guest starts the script and has nothing to do until it ends. With `reporters`, the test commands have
 * what tells Dunlin each test's result, also in place before.
 */
export function openBareArm(
  runtime: string,
  files: Readonly<Record<string, string>>,
  options: { readonly reporters: boolean },
): BareArm {
  const provider = benchProvider(runtime);
  return {
    async round() {
      await using sandbox = await provider.create(benchSpec());
      await sandbox.writeFiles(
        Object.entries(files).map(([path, text]) => textFile(`${WORKSPACE}/${path}`, text)),
      );
      await run(sandbox, ["bash", "-c", COMMIT]);
      const commands = STEPS.map(({ command }) => command);
      return await runScript(sandbox, options.reporters ? await addReporters(sandbox) : commands);
    },
  };
}

/** Puts the reporters beside the workspace, one set for each choice of tests; gives the commands that use them. */
async function addReporters(sandbox: Sandbox): Promise<readonly string[]> {
  const { output: node } = await run(sandbox, ["sh", "-c", 'printf %s "$(command -v node)"']);
  const commands: string[] = [];
  for (const [index, { command, tests }] of STEPS.entries()) {
    const folder = `/tmp/reporters-${index}`;
    if (tests !== undefined) {
      await sandbox.writeFiles(
        reportFiles({ folder, root: WORKSPACE, programs: { node }, key: "none" }, tests),
      );
    }
    commands.push(tests === undefined ? command : `PATH=${folder}/bin:$PATH npm test`);
  }
  return commands;
}

async function runScript(sandbox: Sandbox, commands: readonly string[]): Promise<BareRound> {
  await sandbox.writeFiles([textFile(SCRIPT_FILE, scriptText(commands))]);
  const { output, totalMs } = await run(sandbox, ["bash", SCRIPT_FILE]);
  if (!output.includes(`pass ${TESTS_AFTER}\n`)) {
    throw new Error(`The script's last tests did not pass:\n${output.slice(-2000)}`);
  }
  return { totalMs, stepsMs: await readMarks(sandbox) };
}

function textFile(path: string, text: string): FileWrite {
  return { path, data: new TextEncoder().encode(text) };
}

/** Bash itself takes the times: that starts no process. The first run of the new test fails, as it should. */
function scriptText(commands: readonly string[]): string {
  const mark = `printf '%s\\n' "$EPOCHREALTIME" >> /tmp/marks`;
  const steps = commands.map((command) => `bash -c ${quote(command)}\n${mark}`);
  return `export CI=1\n${mark}\n${steps.join("\n")}\n`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

async function run(sandbox: Sandbox, argv: readonly string[]) {
  const startedAt = performance.now();
  const result = await sandbox.exec(argv, { timeoutMs: 10 * 60_000 });
  const totalMs = performance.now() - startedAt;
  const output = new TextDecoder().decode(result.stdout);
  if (result.exitCode === 0) return { output, totalMs };
  const errors = new TextDecoder().decode(result.stderr);
  throw new Error(`${argv.join(" ")} ended by ${result.end} ${result.exitCode}:\n${errors}`);
}

async function readMarks(sandbox: Sandbox): Promise<readonly number[]> {
  const text = new TextDecoder().decode(await sandbox.readFile("/tmp/marks", { maxBytes: 65_536 }));
  const marks = text.trim().split("\n").map(Number);
  return marks.slice(1).map((mark, index) => (mark - (marks[index] ?? Number.NaN)) * 1000);
}
