/** What a path is for, by its name alone: decides what a patch may touch and which files count as tests. */
export type FileRole =
  | "test"
  | "manifest"
  | "lock"
  | "manager"
  | "config"
  | "workflow"
  | "git"
  | "installed"
  | "source";

/** Settings of package managers. */
const MANAGERS = new Set([".npmrc", ".yarnrc", ".yarnrc.yml", "pnpm-workspace.yaml"]);
const LOCKS = new Set([
  "package-lock.json",
  "npm-shrinkwrap.json",
  "yarn.lock",
  "pnpm-lock.yaml",
  "bun.lock",
  "bun.lockb",
  "uv.lock",
  "poetry.lock",
  "Pipfile.lock",
  "go.sum",
  "Cargo.lock",
  "gradle.lockfile",
  "Gemfile.lock",
  "composer.lock",
]);
const TEST_FOLDER =
  /(^|\/)(tests?|specs?|__tests__|__mocks__|__fixtures__|__snapshots__|fixtures)\//;
const TEST_FILE =
  /(^|\/)(tests?|specs?)(-[^/]*)?\.[cm]?[jt]sx?$|\.(test|spec)\.[cm]?[jt]sx?$|\.snap$/;
/** Tests of other languages, beside the folders. */
const OTHER_TEST_FILE =
  /(^|\/)(test_[^/]*|[^/]*_test|tests?)\.py$|_test\.go$|(^|\/)tests?\.rs$|(^|\/)src\/\w*[tT]est\/|(^|\/)[^/]*(Tests?|IT)\.(java|kt|groovy|php)$|_(spec|test)\.rb$|(^|\/)testdata\//;
/** What tells the runners of other languages how to run, or runs inside of them. */
const OTHER_CONFIG =
  /(^|\/)(conftest\.py|pytest\.ini|\.?pytest\.toml|tox\.ini|setup\.cfg|noxfile\.py|sitecustomize\.py|usercustomize\.py|\.coveragerc|\.rspec(-local)?|spec_helper\.rb|rails_helper\.rb|phpunit(\.dist)?\.xml(\.dist)?|nextest\.toml|junit-platform\.properties|\.cargo\/config(\.toml)?|\.mvn\/.*|GNUmakefile|[Mm]akefile)$/;
const MANIFESTS = new Set([
  "package.json",
  "pyproject.toml",
  "setup.py",
  "Pipfile",
  "go.mod",
  "go.work",
  "Cargo.toml",
  "pom.xml",
  "build.gradle",
  "build.gradle.kts",
  "settings.gradle",
  "settings.gradle.kts",
  "Gemfile",
  "composer.json",
]);
const RUNNER_CONFIG =
  /(^|\/)((vitest|vite|jest|babel|playwright|karma)\.(config|setup|workspace)\.[^/]+|\.(mocharc|taprc|nycrc|c8rc|babelrc|swcrc)[^/]*|jest-[^/]*setup[^/]*|tsconfig[^/]*\.json)$/;

/** Whether a change of these paths may change what is installed. */
export function touchesDependencies(changes: readonly { readonly path: string }[]): boolean {
  return changes.some(({ path }) => ["manifest", "lock"].includes(roleOf(path)));
}

export function roleOf(path: string): FileRole {
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (path.startsWith(".github/") || path.startsWith(".circleci/") || name === ".gitlab-ci.yml") {
    return "workflow";
  }
  if (name === ".gitmodules" || name === ".gitattributes" || name === ".lfsconfig") return "git";
  if (/(^|\/)(node_modules|site-packages)\/|^\.(venv|dunlin)\//.test(path)) return "installed";
  if (MANIFESTS.has(name)) return "manifest";
  if (MANAGERS.has(name)) return "manager";
  if (LOCKS.has(name)) return "lock";
  if (RUNNER_CONFIG.test(path) || OTHER_CONFIG.test(path)) return "config";
  if ([TEST_FOLDER, TEST_FILE, OTHER_TEST_FILE].some((sign) => sign.test(path))) return "test";
  return "source";
}
