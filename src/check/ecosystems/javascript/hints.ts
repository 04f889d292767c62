import { cleanLine } from "../../clean-text.ts";
import { type CiStep, commandsOf, type Files, readCiSteps } from "./ci-workflows.ts";

/** What people have written down about how the repository is worked with; it only chooses among things that exist. */
export type Hints = {
  readonly ci: readonly CiStep[];
  /** Single commands in code of the files for agents, with where they stand. */
  readonly instructions: readonly string[];
};

const INSTRUCTION_FILES = ["AGENTS.md", "CLAUDE.md", ".github/copilot-instructions.md"];
const MAX_CHARACTERS = 200_000;
const MOST_COMMANDS = 200;

export async function readHints(files: Files): Promise<Hints> {
  const texts: string[] = [];
  for (const path of INSTRUCTION_FILES.filter((one) => files.paths.includes(one))) {
    texts.push(((await files.readFile(path)) ?? "").slice(0, MAX_CHARACTERS));
  }
  const code = texts.flatMap((text) => [
    ...[...text.matchAll(/^```[^\n]*\n([\s\S]*?)^```/gm)].map(([, block = ""]) => block),
    ...[...text.matchAll(/`([^`\n]{3,200})`/g)].map(([, inline = ""]) => inline),
  ]);
  const instructions = code
    .flatMap((run) => commandsOf({ run }))
    .map((command) => command.replace(/^\$\s+/, ""))
    .slice(0, MOST_COMMANDS);
  return { ci: await readCiSteps(files), instructions };
}

const CALL =
  /^(?:npx\s+)?(?:npm|pnpm|yarn|bun)\s+(?:-\S+\s+)*(?:run(?:-script)?\s+)?(?:-\S+\s+)*([\w:.@/-]+)/;

/** The script that a command runs; undefined for one that runs none. */
export function calledScript(command: string): string | undefined {
  const name = CALL.exec(command)?.[1];
  return name === "t" || name === "tst" ? "test" : name;
}

/** The step that tests, and those before it in its job; undefined where no workflow tests. */
export function findTestStep(
  ci: readonly CiStep[],
): { readonly step: CiStep; readonly before: readonly CiStep[] } | undefined {
  const at = ci.findIndex(
    (step) =>
      step.folder === undefined &&
      commandsOf(step).some((command) => /^test(?:$|[:.-])/.test(calledScript(command) ?? "")),
  );
  const step = ci[at];
  if (step === undefined) return undefined;
  const before = ci.slice(0, at).filter(({ file, job }) => file === step.file && job === step.job);
  return { step, before };
}

/** The versions that the CI sets up, by manager, and of Node. */
export function ciVersions(ci: readonly CiStep[]): Readonly<Record<string, string>> {
  const version = (action: RegExp, name: string) =>
    ci.find((step) => action.test(step.uses ?? "") && step.with[name] !== undefined)?.with[name];
  const found = {
    pnpm: version(/^pnpm\/action-setup@/, "version"),
    bun: version(/^oven-sh\/setup-bun@/, "bun-version"),
    node: version(/^actions\/setup-node@/, "node-version"),
  };
  return Object.fromEntries(
    Object.entries(found).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, cleanLine(value, 30)]],
    ),
  );
}

/** Variables that would change what runs rather than what it does, or that name something of the CI's own. */
const FOREIGN =
  /^(?:PATH|HOME|SHELL|ENV|IFS|CI|BASH_.*|LD_.*|DYLD_.*|NODE_OPTIONS|NODE_PATH|NODE_TEST_.*|NODE_AUTH_.*|GITHUB_.*|GH_.*|RUNNER_.*|ACTIONS_.*|npm_.*|pnpm_.*|yarn_.*|corepack_.*|turbo_.*|nx_.*|dunlin_.*|codecov_.*|.*proxy|.*token.*|.*secret.*|.*password.*|.*_key)$/i;
const MOST_VARIABLES = 20;

/** The literal environment of the CI's test step, as far as it is about the tests. */
export function testEnvironment(step: CiStep | undefined): Readonly<Record<string, string>> {
  const entries = Object.entries(step?.env ?? {}).filter(
    ([name, value]) =>
      /^[A-Za-z_]\w{0,60}$/.test(name) && !FOREIGN.test(name) && !/[\n\r\0]/.test(value),
  );
  return Object.fromEntries(entries.slice(0, MOST_VARIABLES));
}
