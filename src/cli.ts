import { readFileSync } from "node:fs";
import { readArguments, WRONG_USAGE, wrongUsage } from "./cli/arguments.ts";
import { toFailure } from "./errors.ts";

// Only what --help and --version need is loaded at the top: they answer at once.

const HELP = `dunlin: label an issue, get a draft pull request with proof.

Usage
  dunlin serve                    Run the GitHub App (settings come from the environment)
  dunlin run PATH "task"          Solve a task in a local git repository, no GitHub needed
  dunlin verify BUNDLE            Whether evidence can be believed (see dunlin verify --help)
  dunlin sandbox run|exec|ls|rm   Sandboxes by hand (see dunlin sandbox --help)
  dunlin images list|build|prune  What sandboxes are made from (see dunlin images --help)

Options of run
  --task-file FILE    Read the task from a file instead; its first line is the title
  --patch FILE        Write the change there, a unified diff, instead of to standard output
  --apply             Apply the change to the working copy if it is verified
  --evidence FOLDER   Write evidence.json, report.md and the signed evidence.tar there
  --json FILE         Write a summary for programs

  --help, --version

A run that was cut short goes on where it was when the same command is given again.
The working copy stays as it is without --apply; what is not committed is not part of a run.

Exit codes of run
  0 verified   3 another verdict   4 gave up   5 a limit was reached
  1 a fault    2 wrong usage, path or setting        130 interrupted
`;

const OPTIONS = {
  "task-file": { type: "string" },
  patch: { type: "string" },
  evidence: { type: "string" },
  json: { type: "string" },
  apply: { type: "boolean" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "v" },
} as const;

async function main(args: readonly string[]): Promise<number> {
  const [first, ...more] = args;
  if (first === "sandbox") return (await import("./cli/sandbox.ts")).sandbox(more, process.env);
  if (first === "verify") return (await import("./cli/verify.ts")).verify(more, process.env);
  if (first === "images") return (await import("./cli/images.ts")).images(more, process.env);
  const { values, positionals } = readArguments("", args, OPTIONS);
  if (values.help === true) return print(HELP);
  if (values.version === true) return print(`${version()}\n`);
  const [command, ...rest] = positionals;
  switch (command) {
    case "serve": {
      noMore(rest);
      noOptions(values);
      const { serve } = await import("./main.ts");
      return serve(process.env);
    }
    case "run": {
      const [path, task, ...more] = rest;
      noMore(more);
      const wanted = {
        path: path ?? wrongUsage('Say which repository: dunlin run PATH "task".'),
        task: taskOf(task, values["task-file"]),
        patch: values.patch,
        evidence: values.evidence,
        json: values.json,
        apply: values.apply === true,
      };
      const { runLocally } = await import("./run-locally.ts");
      return runLocally(wanted, process.env);
    }
    case undefined:
      process.stderr.write(HELP);
      return 2;
    default:
      return wrongUsage(`There is no command "${command}".`);
  }
}

function taskOf(task: string | undefined, file: string | undefined): string {
  if (task !== undefined && file !== undefined) {
    return wrongUsage("Give the task as an argument or by --task-file, not both.");
  }
  const text = file === undefined ? task : readTask(file);
  if (text === undefined || text.trim() === "") {
    return wrongUsage('Say what to do: dunlin run PATH "task", or --task-file FILE.');
  }
  return text;
}

function readTask(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return wrongUsage(`The task file ${file} can't be read.`);
  }
}

function noMore(rest: readonly string[]): void {
  if (rest.length > 0) wrongUsage(`"${rest[0]}" is one argument too many; put the task in quotes.`);
}

function noOptions(values: object): void {
  const [option] = Object.keys(values);
  if (option !== undefined) wrongUsage(`--${option} is an option of run only.`);
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

function version(): string {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL("../package.json", import.meta.url), "utf8"),
  );
  return String((manifest as { version: unknown }).version);
}

try {
  // What a library warns its users of is no concern of the person at the terminal.
  process.noDeprecation = true;
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const failure = toFailure(error);
  const shown = failure.kind === "bug" ? String((error as Error).stack ?? error) : failure.message;
  process.stderr.write(`dunlin: ${shown}\n`);
  // Whoever names a sandbox that isn't there meant another one.
  const isUsage = WRONG_USAGE.has(failure.code) || failure.code === "no-such-sandbox";
  process.exitCode = isUsage ? 2 : 1;
}
