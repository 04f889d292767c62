import { Failure } from "../../../errors.ts";
import { cleanLine } from "../../clean-text.ts";
import type { ProjectSource } from "../../find-project.ts";
import { expandCommand, findRunner } from "../../find-runner.ts";
import type { Project } from "../../project.ts";
import { bringManager, MANAGER_PROGRAMS } from "./bring-manager.ts";
import { whyBuildFirst } from "./build-first.ts";
import { ciVersions, findTestStep, type Hints, readHints, testEnvironment } from "./hints.ts";
import { parseManifest, type WholeManifest } from "./manifest.ts";
import { findMembers, type Member } from "./members.ts";
import {
  asksForPackages,
  type FoundManager,
  findManager,
  installCommand,
  lockFileOf,
} from "./package-manager.ts";
import { configuredSide, findSideCommands, type SideCommands } from "./side-commands.ts";
import { type FoundTests, fromMembers, fromOtherScript, fromTestScript } from "./test-command.ts";

/** What `node --test` picks up by itself. */
const NODE_TEST_FILE =
  /(?:^|\/)test\/.*\.[cm]?js$|(?:^|[/.\-_])test\.[cm]?js$|(?:^|\/)test-[^/]*\.[cm]?js$/;
const LOCK_HEAD = 4000;

async function usesNodeTest(source: ProjectSource): Promise<boolean> {
  const files = source.paths.filter(
    (path) => NODE_TEST_FILE.test(path) && !path.includes("node_modules/"),
  );
  for (const file of files.slice(0, 20)) {
    if (/["']node:test["']/.test((await source.readFile(file)) ?? "")) return true;
  }
  return false;
}

async function readManager(
  source: ProjectSource,
  manifest: WholeManifest,
  { ci }: Hints,
): Promise<FoundManager> {
  const paths = new Set(source.paths);
  const lock = lockFileOf(manifest, paths);
  const isText = lock !== undefined && !lock.endsWith("b");
  const settings = [".yarnrc.yml", ".yarnrc"].find((path) => paths.has(path));
  return findManager(manifest, {
    paths,
    lock: isText ? (await source.readFile(lock))?.slice(0, LOCK_HEAD) : undefined,
    yarnSettings: settings && (await source.readFile(settings)),
    ci: ciVersions(ci),
  });
}

type Known = {
  readonly source: ProjectSource;
  readonly manifest: WholeManifest;
  readonly manager: FoundManager;
  readonly members: readonly Member[];
  readonly hints: Hints;
};

async function findTests({
  source,
  manifest,
  manager,
  members,
  hints,
}: Known): Promise<FoundTests> {
  const { test } = source.settings;
  if (test !== undefined) {
    const runner = findRunner(expandCommand(test, manifest.scripts));
    return { command: test, runner, because: "from .github/dunlin.yml" };
  }
  const found =
    fromTestScript(manifest, manager) ??
    fromOtherScript(manifest, manager.name, hints) ??
    fromMembers(members, manager);
  if (found !== undefined) return found;
  if (await usesNodeTest(source)) {
    const because = "because there is no test script but there are files for node:test";
    return { command: "node --test", runner: "node:test", because };
  }
  throw new Failure(
    "invalid-request",
    "no-tests",
    "package.json has no test script and no file for node:test was found, so nothing could be proven. Set `test` (and `install`, if needed) in .github/dunlin.yml, or add a test script.",
  );
}

/** The build first where it has to be, and what of the environment of CI is about the tests. */
async function completed(known: Known, tests: FoundTests, build: string | undefined) {
  const { source, manifest, members, hints } = known;
  if (source.settings.test !== undefined) return { tests, because: undefined };
  const because = await whyBuildFirst({
    files: source,
    manifest,
    members,
    hints,
    build,
    test: tests.command,
  });
  if (because === undefined) return { tests, because };
  return { tests: { ...tests, command: `${build} && ${grouped(tests.command)}` }, because };
}

function grouped(command: string): string {
  return /[;|]/.test(command) ? `{ ${command}; }` : command;
}

/** The command of the set-up phase; one of the repository's own gets the manager that it names. */
function howToInstall({ settings }: ProjectSource, manager: FoundManager): string {
  if (settings.install === undefined) return installCommand(manager);
  const isNamed = new RegExp(`\\b${manager.name}\\b`).test(settings.install);
  const bring = isNamed ? bringManager(manager) : undefined;
  return bring === undefined ? settings.install : `${bring} && ${settings.install}`;
}

/** How a repository with a package.json is installed, tested, built and looked at. Throws as `findProject` does. */
export async function findJavaScript(source: ProjectSource, text: string): Promise<Project> {
  const manifest = parseManifest(text);
  const hints = await readHints(source);
  const manager = await readManager(source, manifest, hints);
  const members = await findMembers(source, manifest.patterns);
  const known = { source, manifest, manager, members, hints };
  const side = findSide(known);
  const { tests, because } = await completed(known, await findTests(known), side.build);
  const env = source.settings.test === undefined ? environmentOf(known) : {};
  const runner = tests.runner === "unknown" ? "an unknown runner" : tests.runner;
  return {
    packageManager: manager.name,
    ...findInstall(known),
    test: { command: tests.command, runner: tests.runner },
    ...side,
    ...pathOf(manager, tests),
    ...(Object.keys(env).length === 0 ? {} : { env }),
    findings: [
      `Package manager: ${manager.finding}`,
      ...nodeFinding(known, await pinnedNode(source)),
      `Tests: \`${tests.command}\`, ${tests.because} (${runner}).`,
      ...(because === undefined ? [] : [`Built before the tests, because ${because}.`]),
      ...sideFinding(side),
      ...environmentFinding(env, hints),
    ],
  };
}

function findInstall({
  source,
  manifest,
  manager,
}: Known): Pick<Project, "install" | "firstInstall"> {
  const install = howToInstall(source, manager);
  const isNeeded = source.settings.install !== undefined || asksForPackages(manager, manifest);
  // A manager that the image lacks is needed for the tests, too.
  return isNeeded || manager.name !== "npm" ? { install } : { firstInstall: install };
}

function findSide({ source, manifest, manager, members }: Known): SideCommands {
  const paths = new Set(source.paths);
  const own = findSideCommands({ ...manifest, manager: manager.name, paths });
  const build = own.build ?? buildOfMembers(members, manager);
  return { ...own, ...(build === undefined ? {} : { build }), ...configuredSide(source.settings) };
}

function pathOf(manager: FoundManager, tests: FoundTests): Pick<Project, "path"> {
  const path = [
    ...(manager.name === "npm" ? [] : [MANAGER_PROGRAMS]),
    ...(tests.bare === true ? ["node_modules/.bin"] : []),
  ];
  return path.length === 0 ? {} : { path };
}

function buildOfMembers(members: readonly Member[], { name }: FoundManager): string | undefined {
  if (!members.some(({ scripts }) => scripts["build"] !== undefined)) return undefined;
  if (name === "npm") return "npm run build --workspaces --if-present";
  return name === "pnpm" ? "pnpm -r run build" : undefined;
}

function environmentOf({ manager, hints }: Known): Readonly<Record<string, string>> {
  // What yarn's own way of linking needs at run time has to be kept with what was installed.
  const kept = manager.name === "yarn" ? { YARN_ENABLE_GLOBAL_CACHE: "false" } : {};
  return { ...kept, ...testEnvironment(findTestStep(hints.ci)?.step) };
}

async function pinnedNode(source: ProjectSource): Promise<readonly string[]> {
  for (const path of [".nvmrc", ".node-version"].filter((one) => source.paths.includes(one))) {
    const version = cleanLine((await source.readFile(path)) ?? "", 30).trim();
    if (version !== "") return [version, path];
  }
  return [];
}

function nodeFinding(
  { manifest: { volta, engines }, hints: { ci } }: Known,
  [pinned, path]: readonly string[],
): readonly string[] {
  const candidates: readonly (readonly [string | undefined, string])[] = [
    [pinned, path ?? ""],
    [volta["node"], "`volta` in package.json"],
    [engines["node"], "`engines` in package.json"],
    [ciVersions(ci)["node"], "the CI workflow"],
  ];
  const [version, where] = candidates.find(([value]) => value !== undefined) ?? [];
  if (version === undefined) return [];
  return [
    `Node: ${cleanLine(version, 40)}, says ${where}; \`image\` in .github/dunlin.yml chooses.`,
  ];
}

function sideFinding(commands: SideCommands): readonly string[] {
  const found = Object.entries(commands);
  if (found.length === 0) return [];
  return [`Also: ${found.map(([name, command]) => `${name} \`${command}\``).join(", ")}.`];
}

function environmentFinding(
  env: Readonly<Record<string, string>>,
  { ci }: Hints,
): readonly string[] {
  const shown = Object.entries(env).filter(([name]) => !name.startsWith("YARN_"));
  if (shown.length === 0) return [];
  const list = shown.map(([name, value]) => `\`${name}=${cleanLine(value, 60)}\``).join(", ");
  return [`Environment: ${list}, as ${findTestStep(ci)?.step.file} has it.`];
}
