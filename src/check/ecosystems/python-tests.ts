import type { PythonFacts } from "./python.ts";

const TEST_FILE = /(?:^|\/)(?:test[^/]*|[^/]*_test)\.py$/;
const CONFIGURATION = ["pytest.ini", "conftest.py", "tests/conftest.py", "test/conftest.py"];
const MOST_READ = 30;

type PythonTests = {
  /** After the interpreter. */
  readonly words: string;
  readonly runner: "pytest" | "unittest";
  readonly why: string;
};

export function looksLikeTest(path: string): boolean {
  return TEST_FILE.test(path);
}

/** pytest wherever something speaks of it; unittest when tests import that and nothing else. */
export async function findPythonTests(facts: PythonFacts): Promise<PythonTests | undefined> {
  const why = (await whyPytest(facts)) ?? "";
  const pytest = (reason: string): PythonTests => ({
    words: "-m pytest",
    runner: "pytest",
    why: reason,
  });
  if (why !== "") return pytest(why);
  const files = facts.source.paths.filter(looksLikeTest);
  const imports = new Map<string, string>();
  for (const path of files.slice(0, MOST_READ)) {
    const text = (await facts.source.readFile(path)) ?? "";
    const name = /^\s*(?:import|from) (pytest|unittest)\b/m.exec(text)?.[1];
    if (name !== undefined && !imports.has(name)) imports.set(name, path);
  }
  const [byPytest, byUnittest] = [imports.get("pytest"), imports.get("unittest")];
  if (byPytest !== undefined) return pytest(`${byPytest} imports pytest`);
  if (byUnittest !== undefined) return findUnittest(facts.paths, byUnittest);
  return files.length > 0 ? pytest(`${files[0]} looks like a test of it`) : undefined;
}

async function whyPytest(facts: PythonFacts): Promise<string | undefined> {
  const { source, paths, pyproject, setup, requirements } = facts;
  if (/^\s*\[tool\.pytest\b/m.test(pyproject)) return "pyproject.toml configures pytest";
  const own = CONFIGURATION.find((path) => paths.has(path));
  if (own !== undefined) return `there is ${own}`;
  for (const path of ["tox.ini", "setup.cfg", "noxfile.py", ...requirements]) {
    if (/\bpytest\b/.test((await source.readFile(path)) ?? "")) return `${path} names pytest`;
  }
  return /["'\s]pytest\b/.test(pyproject + setup) ? "the project asks for pytest" : undefined;
}

/** Discovery goes only into packages: a folder without `__init__.py` has to be named. */
function findUnittest(paths: ReadonlySet<string>, file: string): PythonTests {
  const folder = file.split("/").slice(0, -1).join("/");
  const isReached =
    folder === "" || [...parentsOf(folder)].every((one) => paths.has(`${one}/__init__.py`));
  const top = paths.has(`${folder}/__init__.py`) ? " -t ." : "";
  const named = isReached ? "" : ` -s ${folder}${top}`;
  const pattern = /(?:^|\/)test[^/]*\.py$/.test(file) ? "" : " -p '*_test.py'";
  const discover = named + pattern === "" ? "" : ` discover${named}${pattern}`;
  const why = `${file} imports unittest`;
  return { words: `-m unittest${discover}`, runner: "unittest", why };
}

function parentsOf(folder: string): readonly string[] {
  const parts = folder.split("/");
  return parts.map((_, at) => parts.slice(0, at + 1).join("/"));
}
