import type { PackageManager } from "../project.ts";
import type { PythonFacts } from "./python.ts";
import { tomlHas, tomlKeys, tomlTable } from "./toml-facts.ts";

/** The image's own packages, such as pytest, stay in reach. */
const VENV = "python3 -m venv --system-site-packages .venv";
const PIP = ".venv/bin/python -m pip install --quiet";
/** Names of groups and extras that hold what the tests need. */
const FOR_TESTS = /^(?:tests?|testing|dev|develop|development|ci)$/i;

export type PythonInstall = {
  readonly packageManager: PackageManager;
  /** Undefined when nothing is asked for. */
  readonly command?: string;
  readonly finding: string;
};

/** uv's and poetry's lock files first, then what pip can install. */
export function findPythonInstall(facts: PythonFacts): PythonInstall {
  const { paths, pyproject } = facts;
  if (paths.has("uv.lock")) {
    const words = "sync --frozen --all-groups --all-extras";
    return {
      packageManager: "uv",
      command: withTool("uv", `uv ${words}`),
      finding: "uv, because of uv.lock.",
    };
  }
  if (tomlTable(pyproject, "tool.poetry") !== undefined || paths.has("poetry.lock")) {
    const why = paths.has("poetry.lock") ? "poetry.lock" : "`[tool.poetry]` in pyproject.toml";
    const words = "POETRY_VIRTUALENVS_IN_PROJECT=true poetry install --no-interaction --all-extras";
    return {
      packageManager: "poetry",
      command: withTool("poetry", words),
      finding: `poetry, because of ${why}.`,
    };
  }
  return findPip(facts);
}

/** The tool is only needed for the installation, so it may lie outside of the workspace. */
function withTool(name: string, command: string): string {
  return `export PATH="$PATH:$HOME/.local/bin"; command -v ${name} >/dev/null || python3 -m pip install --user --quiet ${name}; ${command}`;
}

function findPip(facts: PythonFacts): PythonInstall {
  const { pyproject, requirements } = facts;
  const groups = namesForTests(pyproject, "dependency-groups");
  const itself = installItself(facts);
  const words = [
    ...requirements.map((path) => `-r ${path}`),
    ...itself.words,
    ...groups.map((group) => `--group ${group}`),
  ];
  if (words.length === 0) {
    const finding = "none needed, because the project asks for no package.";
    return { packageManager: "pip", finding };
  }
  // Groups are known to pip from this version on.
  const newer = groups.length > 0 ? [`${PIP} 'pip>=25.1'`] : [];
  return {
    packageManager: "pip",
    command: [VENV, ...newer, `${PIP} ${words.join(" ")}`].join(" && "),
    finding: `pip into .venv, because of ${[...requirements, ...itself.why, ...groups.map((group) => `the group ${group}`)].join(", ")}.`,
  };
}

/** The project as a package, when it asks for others or can't be imported from where it lies. */
function installItself({ paths, pyproject, setup }: PythonFacts) {
  const extras = namesForTests(pyproject, "project.optional-dependencies");
  const project = tomlTable(pyproject, "project");
  const asks =
    extras.length > 0 ||
    tomlHas(project, "dependencies") ||
    tomlHas(project, "dynamic") ||
    /install_requires|tests_require|extras_require/.test(setup);
  const isBuilt = tomlTable(pyproject, "build-system") !== undefined || setup !== "";
  const isBelowSrc = [...paths].some((path) => /^src\/[^/]+\/__init__\.py$/.test(path));
  const hasPath = /^\s*pythonpath\s*=/m.test(pyproject + setup);
  if (!(asks || (isBuilt && isBelowSrc && !hasPath))) return { words: [], why: [] };
  const named = extras.length > 0 ? `[${extras.join(",")}]` : "";
  return { words: [`-e '.${named}'`], why: [setup === "" ? "pyproject.toml" : "setup.py"] };
}

function namesForTests(pyproject: string, table: string): readonly string[] {
  return tomlKeys(tomlTable(pyproject, table) ?? "").filter((name) => FOR_TESTS.test(name));
}
