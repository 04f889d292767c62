import { cleanLine } from "../../clean-text.ts";
import { expandCommand, findRunner } from "../../find-runner.ts";
import type { Runner } from "../../project.ts";
import { quoteWord } from "../../shell-words.ts";
import { commandsOf } from "./ci-workflows.ts";
import { calledScript, type Hints } from "./hints.ts";
import type { WholeManifest } from "./manifest.ts";
import type { Member } from "./members.ts";
import { type FoundManager, isModernYarn, type NodeManager } from "./package-manager.ts";
import { withoutLooks } from "./test-steps.ts";

export type FoundTests = {
  readonly command: string;
  readonly runner: Runner;
  /** Why this one, as the rest of a sentence. */
  readonly because: string;
  /** Programs of packages are started by their names, outside of a script. */
  readonly bare?: true;
};

const PLACEHOLDER = /no test specified|no tests? (?:yet|defined|available)/i;
const TEST_SCRIPT =
  /(?:^|[:_-])(?:tests?|unit|spec|specs|vitest|jest|mocha|ava|tap|tape|uvu)(?:$|[:_-])/;
const UNFIT = /(?:^|\s)(?:--watch(?:All)?|-w|--ui|watch|dev|--update|-u)(?=\s|$)/;
const USUAL = ["test:unit", "unit", "tests", "test:node", "test:ci", "test:run", "vitest", "jest"];

export function isTestScript(script: string | undefined): script is string {
  return script !== undefined && script.trim() !== "" && !PLACEHOLDER.test(script);
}

/** The command of the repository's own test script; undefined where it has none. */
export function fromTestScript(
  { scripts }: WholeManifest,
  manager: FoundManager,
): FoundTests | undefined {
  const script = scripts["test"]?.trim();
  if (!isTestScript(script)) return undefined;
  const whole = runTest(manager.name);
  const runner = findRunner(expandCommand("npm test", scripts));
  const narrow = isModernYarn(manager) ? undefined : withoutLooks(scripts, manager.name);
  if (narrow === undefined)
    return { command: whole, runner, because: `which is \`${cleanLine(script, 200)}\`` };
  const left = narrow.left.map((step) => `\`${cleanLine(step, 100)}\``).join(", ");
  return {
    command: narrow.command,
    runner: findRunner(expandCommand(narrow.command, scripts)),
    because: `the part of \`${whole}\` that tests, without ${left}`,
    bare: true,
  };
}

function runTest(manager: NodeManager): string {
  // `bun test` is bun's own runner.
  return manager === "bun" ? "bun run test" : `${manager} test`;
}

/** Another script that runs a known runner, where there is none for `test`: the CI's first, then people's word for it. */
export function fromOtherScript(
  { scripts }: WholeManifest,
  manager: NodeManager,
  { ci, instructions }: Hints,
): FoundTests | undefined {
  const runnerOf = (name: string) => findRunner(expandCommand(`npm run ${name}`, scripts));
  const fit = Object.keys(scripts).filter(
    (name) =>
      name !== "test" &&
      TEST_SCRIPT.test(name) &&
      !UNFIT.test(scripts[name] ?? "") &&
      runnerOf(name) !== "unknown",
  );
  const named = (commands: readonly string[]) =>
    commands.map(calledScript).find((name) => name !== undefined && fit.includes(name));
  const inCi = named(ci.flatMap(commandsOf));
  const told = named(instructions);
  const name = inCi ?? told ?? USUAL.find((one) => fit.includes(one)) ?? fit[0];
  if (name === undefined) return undefined;
  const why =
    inCi !== undefined
      ? "which the CI runs"
      : told !== undefined
        ? "which the instructions name"
        : `which is \`${cleanLine(scripts[name] ?? "", 200)}\``;
  return { command: `${manager} run ${quoteWord(name)}`, runner: runnerOf(name), because: why };
}

const MOST_MEMBERS = 40;

/** The tests of a repository's packages, where its top has none. All of them run, also after one that fails. */
export function fromMembers(
  members: readonly Member[],
  manager: FoundManager,
): FoundTests | undefined {
  const tested = members.filter(({ scripts }) => isTestScript(scripts["test"]));
  const runners = tested.map(({ scripts }) => findRunner(expandCommand("npm test", scripts)));
  const runner = runners.find((one) => one !== "unknown") ?? runners[0];
  if (runner === undefined) return undefined;
  const because = `of ${tested.length} of ${members.length} packages, as the top has no test script`;
  return { command: everyMember(tested, manager), runner, because };
}

function everyMember(tested: readonly Member[], { name }: FoundManager): string {
  switch (name) {
    case "npm":
      return "npm test --workspaces --if-present";
    case "pnpm":
      return "pnpm -r --no-bail test";
    case "bun":
      return "bun run --filter '*' test";
    case "yarn": {
      const each = tested
        .filter((member) => member.name !== "")
        .slice(0, MOST_MEMBERS)
        .map((member) => `yarn workspace ${quoteWord(member.name)} run test || r=1`);
      return `r=0; ${each.join("; ")}; exit $r`;
    }
  }
}
