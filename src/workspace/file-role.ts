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
]);
const TEST_FOLDER =
  /(^|\/)(tests?|specs?|__tests__|__mocks__|__fixtures__|__snapshots__|fixtures)\//;
const TEST_FILE =
  /(^|\/)(tests?|specs?)(-[^/]*)?\.[cm]?[jt]sx?$|\.(test|spec)\.[cm]?[jt]sx?$|\.snap$/;
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
  if (/(^|\/)node_modules\//.test(path)) return "installed";
  if (name === "package.json") return "manifest";
  if (MANAGERS.has(name)) return "manager";
  if (LOCKS.has(name)) return "lock";
  if (RUNNER_CONFIG.test(path)) return "config";
  if (TEST_FOLDER.test(path) || TEST_FILE.test(path)) return "test";
  return "source";
}
