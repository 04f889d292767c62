/** What a path is for, by its name alone: decides what a patch may touch and which files count as tests. */
export type FileRole =
  | "test"
  | "manifest"
  | "lock"
  | "config"
  | "workflow"
  | "git"
  | "installed"
  | "source";

const MANIFESTS = new Set([
  "package.json",
  ".npmrc",
  ".yarnrc",
  ".yarnrc.yml",
  "pnpm-workspace.yaml",
]);
const LOCKS = new Set([
  "package-lock.json",
  "npm-shrinkwrap.json",
  "yarn.lock",
  "pnpm-lock.yaml",
  "bun.lock",
  "bun.lockb",
]);
const TEST_FOLDER =
  /(^|\/)(tests?|specs?|__tests__|__mocks__|__fixtures__|__snapshots__|fixtures)\//;
const TEST_FILE =
  /(^|\/)(tests?|specs?)(-[^/]*)?\.[cm]?[jt]sx?$|\.(test|spec)\.[cm]?[jt]sx?$|\.snap$/;
const RUNNER_CONFIG =
  /(^|\/)((vitest|vite|jest|babel|playwright|karma)\.(config|setup|workspace)\.[^/]+|\.(mocharc|taprc|nycrc|c8rc|babelrc|swcrc)[^/]*|jest-[^/]*setup[^/]*|tsconfig[^/]*\.json)$/;

export function roleOf(path: string): FileRole {
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (path.startsWith(".github/") || path.startsWith(".circleci/") || name === ".gitlab-ci.yml") {
    return "workflow";
  }
  if (name === ".gitmodules" || name === ".gitattributes" || name === ".lfsconfig") return "git";
  if (/(^|\/)node_modules\//.test(path)) return "installed";
  if (MANIFESTS.has(name)) return "manifest";
  if (LOCKS.has(name)) return "lock";
  if (RUNNER_CONFIG.test(path)) return "config";
  if (TEST_FOLDER.test(path) || TEST_FILE.test(path)) return "test";
  return "source";
}
