import { z } from "zod";
import { Failure } from "../errors.ts";
import { findSideCommands, type SideCommands } from "./ecosystems/javascript/side-commands.ts";
import { findOtherLanguage } from "./ecosystems/other-languages.ts";
import { expandCommand, findRunner } from "./find-runner.ts";
import { asksForPackages, findManager, installCommand, type Manifest } from "./package-manager.ts";
import type { PackageManager, Project, Runner } from "./project.ts";

export type ProjectSource = {
  /** All files of the commit, with `/`. */
  readonly paths: readonly string[];
  /** Text of one of them; undefined when it isn't there. */
  readFile(path: string): Promise<string | undefined>;
  /** Of the repository's own configuration; they win over everything that is found. */
  readonly settings: CommandSettings;
};

export type CommandSettings = Readonly<
  Partial<Record<"install" | "test" | "build" | "lint" | "types", string | undefined>>
>;

const Names = z.record(z.string(), z.unknown()).catch({});
const PackageJson = z.object({
  packageManager: z.string().optional().catch(undefined),
  scripts: z.record(z.string(), z.string().catch("")).catch({}),
  dependencies: Names,
  devDependencies: Names,
  optionalDependencies: Names,
  peerDependencies: Names,
  workspaces: z.unknown().optional(),
});

const CONFIGURE = "Set `test` (and `install`, if needed) in .github/dunlin.yml";
const PLACEHOLDER = /no test specified|no tests? (?:yet|defined|available)/i;
/** What `node --test` picks up by itself. */
const NODE_TEST_FILE =
  /(?:^|\/)test\/.*\.[cm]?js$|(?:^|[/.\-_])test\.[cm]?js$|(?:^|\/)test-[^/]*\.[cm]?js$/;

function parseManifest(text: string): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\ufeff/, ""));
  } catch (cause) {
    throw new Failure(
      "invalid-request",
      "bad-package-json",
      `package.json is not valid JSON, so nothing can be installed or tested. Correct it on the default branch.`,
      { cause },
    );
  }
  const parsed = PackageJson.safeParse(json).data;
  if (parsed === undefined) {
    throw new Failure(
      "invalid-request",
      "bad-package-json",
      "package.json does not hold an object. Correct it on the default branch.",
    );
  }
  const { dependencies, devDependencies, optionalDependencies, peerDependencies } = parsed;
  return {
    ...(parsed.packageManager === undefined ? {} : { packageManager: parsed.packageManager }),
    scripts: parsed.scripts,
    dependencies: Object.keys({
      ...dependencies,
      ...devDependencies,
      ...optionalDependencies,
      ...peerDependencies,
    }),
    workspaces: parsed.workspaces !== undefined,
  };
}

async function usesNodeTest(source: ProjectSource): Promise<boolean> {
  const files = source.paths.filter(
    (path) => NODE_TEST_FILE.test(path) && !path.includes("node_modules/"),
  );
  for (const file of files.slice(0, 20)) {
    if (/["']node:test["']/.test((await source.readFile(file)) ?? "")) return true;
  }
  return false;
}

type Command = { readonly command: string; readonly runner: Runner; readonly finding: string };

async function findCommand(
  source: ProjectSource,
  manifest: Manifest,
  manager: PackageManager,
): Promise<Command> {
  const script = manifest.scripts["test"]?.trim() ?? "";
  if (script !== "" && !PLACEHOLDER.test(script)) {
    const runner = findRunner(expandCommand("npm test", manifest.scripts));
    const reads = runner === "unknown" ? "an unknown runner" : runner;
    return {
      command: `${manager} test`,
      runner,
      finding: `Tests: \`${manager} test\`, which is \`${script}\` (${reads}).`,
    };
  }
  if (await usesNodeTest(source)) {
    return {
      command: "node --test",
      runner: "node:test",
      finding:
        "Tests: `node --test`, because there is no test script but there are files for node:test.",
    };
  }
  throw new Failure(
    "invalid-request",
    "no-tests",
    `package.json has no test script and no file for node:test was found, so nothing could be proven. ${CONFIGURE}, or add a test script.`,
  );
}

function configured(command: string, scripts: Manifest["scripts"]): Command {
  const runner = findRunner(expandCommand(command, scripts));
  return { command, runner, finding: `Tests: \`${command}\`, from .github/dunlin.yml.` };
}

function configuredOnes({ build, lint, types }: CommandSettings): SideCommands {
  return {
    ...(build === undefined ? {} : { build }),
    ...(lint === undefined ? {} : { lint }),
    ...(types === undefined ? {} : { types }),
  };
}

/** Without package.json another language may know it; the repository's own configuration wins here too. */
async function withoutManifest(source: ProjectSource): Promise<Project> {
  const { install, test } = source.settings;
  const found = await findOtherLanguage(source);
  if (test === undefined && found === undefined) {
    const nested = source.paths.find((path) => /^[^/]+\/package\.json$/.test(path));
    const hint =
      nested === undefined ? "" : `, for example \`cd ${nested.split("/")[0]} && npm test\``;
    throw new Failure(
      "invalid-request",
      "no-package-json",
      `There is no package.json at the top of the repository, and no other language's tests were found, so it is not known how to test it. ${CONFIGURE}${hint}.`,
    );
  }
  const base: Project = found ?? { packageManager: "none", test: UNTOLD, findings: [] };
  const command = test === undefined ? undefined : configured(test, {});
  const kept = command === undefined ? base.findings : base.findings.slice(0, 1);
  return {
    ...base,
    ...(install === undefined ? {} : { install }),
    ...(command === undefined
      ? {}
      : { test: { command: command.command, runner: command.runner } }),
    ...configuredOnes(source.settings),
    findings: [...kept, ...(command === undefined ? [] : [command.finding])],
  };
}

const UNTOLD: Project["test"] = { command: "", runner: "unknown" };

/**
 * How the repository is installed and tested, from its files alone. Throws `invalid-request` with the next step:
 * `no-package-json`, `bad-package-json`, `no-tests`.
 */
export async function findProject(source: ProjectSource): Promise<Project> {
  const text = await source.readFile("package.json");
  if (text === undefined) return withoutManifest(source);
  const manifest = parseManifest(text);
  const paths = new Set(source.paths);
  const manager = findManager(manifest, paths);
  const { settings } = source;
  const test =
    settings.test === undefined
      ? await findCommand(source, manifest, manager.name)
      : configured(settings.test, manifest.scripts);
  const install = settings.install ?? installCommand(manager, manifest, paths);
  const isNeeded = settings.install !== undefined || asksForPackages(manager, manifest);
  const several = manifest.workspaces || paths.has("pnpm-workspace.yaml");
  return {
    packageManager: manager.name,
    ...(isNeeded ? { install } : { firstInstall: install }),
    test: { command: test.command, runner: test.runner },
    ...findSideCommands({ ...manifest, manager: manager.name, paths }),
    ...configuredOnes(settings),
    findings: [
      `Package manager: ${manager.finding}`,
      test.finding,
      ...(several ? ["Several packages: only the root's test script is run."] : []),
    ],
  };
}
