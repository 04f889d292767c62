import { Failure } from "../errors.ts";
import { findJavaScript } from "./ecosystems/javascript/find-javascript.ts";
import { configuredSide } from "./ecosystems/javascript/side-commands.ts";
import { findOtherLanguage } from "./ecosystems/other-languages.ts";
import { expandCommand, findRunner } from "./find-runner.ts";
import type { Project, Runner } from "./project.ts";

export type ProjectSource = {
  /** All files of the commit, with `/`. */
  readonly paths: readonly string[];
  /** Text of one of them; undefined when it isn't there. */
  readFile(path: string): Promise<string | undefined>;
  /** Of the repository's own configuration; they win over everything that is found. */
  readonly settings: CommandSettings;
};

export type CommandSettings = Readonly<
  Partial<Record<"install" | "test" | "build" | "lint" | "types", string | undefined>> & {
    /** Globs of the JUnit files that the test command writes. */
    reports?: readonly string[] | undefined;
  }
>;

const CONFIGURE = "Set `test` (and `install`, if needed) in .github/dunlin.yml";

type Command = { readonly command: string; readonly runner: Runner; readonly finding: string };

function configured(command: string, scripts: Readonly<Record<string, string>>): Command {
  const runner = findRunner(expandCommand(command, scripts));
  return { command, runner, finding: `Tests: \`${command}\`, from .github/dunlin.yml.` };
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
    ...configuredSide(source.settings),
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
  const project = await (text === undefined
    ? withoutManifest(source)
    : findJavaScript(source, text));
  return withReports(project, source.settings.reports);
}

function withReports(project: Project, reports: readonly string[] | undefined): Project {
  if (reports === undefined) return project;
  const runner = project.test.runner === "unknown" ? "junit" : project.test.runner;
  const places = reports.map((glob) => `\`${glob}\``).join(", ");
  return {
    ...project,
    test: { ...project.test, runner, reports },
    findings: [...project.findings, `Results: JUnit XML at ${places}, from .github/dunlin.yml.`],
  };
}
