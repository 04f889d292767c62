import type { ProjectSource } from "../find-project.ts";
import type { Project } from "../project.ts";
import { findPythonInstall } from "./python-install.ts";
import { findPythonTests, looksLikeTest } from "./python-tests.ts";

const MANIFESTS = ["pyproject.toml", "setup.py", "setup.cfg", "tox.ini", "pytest.ini", "uv.lock"];
const REQUIREMENTS =
  /^(?:requirements(?:[-_/](?:dev|tests?|testing|ci))?|(?:dev|tests?)[-_]requirements)\.(?:txt|in)$/i;

/** What the finders look at. */
export type PythonFacts = {
  readonly source: ProjectSource;
  readonly paths: ReadonlySet<string>;
  readonly pyproject: string;
  /** Text of setup.py and setup.cfg. */
  readonly setup: string;
  /** Lists of packages that hold any, at the top or in `requirements/`. */
  readonly requirements: readonly string[];
};

/** A Python project: what it asks for goes into `.venv` of the workspace, and its tests run from there. */
export async function findPython(source: ProjectSource): Promise<Project | undefined> {
  const facts = await readFacts(source);
  const isPython = MANIFESTS.some((path) => facts.paths.has(path)) || facts.requirements.length > 0;
  if (!isPython && !source.paths.some(looksLikeTest)) return undefined;
  const test = await findPythonTests(facts);
  if (test === undefined) return undefined;
  const install = findPythonInstall(facts);
  const python = install.command === undefined ? "python3" : ".venv/bin/python";
  return {
    packageManager: install.packageManager,
    ...(install.command === undefined ? {} : { install: install.command }),
    test: { command: `${python} ${test.words}`, runner: test.runner },
    findings: [
      `Package manager: ${install.finding}`,
      `Tests: \`${python} ${test.words}\`, because ${test.why}.`,
    ],
  };
}

async function readFacts(source: ProjectSource): Promise<PythonFacts> {
  const read = async (path: string) => (await source.readFile(path)) ?? "";
  const requirements: string[] = [];
  for (const path of source.paths.filter((one) => REQUIREMENTS.test(one))) {
    if (/^[^#\s]/m.test(await read(path))) requirements.push(path);
  }
  return {
    source,
    paths: new Set(source.paths),
    pyproject: await read("pyproject.toml"),
    setup: (await read("setup.py")) + (await read("setup.cfg")),
    requirements,
  };
}
