/** What installs a project's packages; `none` where nothing does. */
export const packageManagers = [
  "npm",
  "pnpm",
  "yarn",
  "bun",
  "pip",
  "uv",
  "poetry",
  "go",
  "cargo",
  "maven",
  "gradle",
  "bundler",
  "composer",
  "none",
] as const;

export type PackageManager = (typeof packageManagers)[number];

/** Test runners whose results are read test by test; `unknown` gives an exit code and a log only. */
export type Runner =
  | "node:test"
  | "tap"
  | "vitest"
  | "mocha"
  | "jest"
  | "ava"
  | "uvu"
  | "playwright"
  | "bun"
  | "pytest"
  | "unittest"
  | "go test"
  | "cargo test"
  | "nextest"
  | "maven"
  | "gradle"
  | "rspec"
  | "phpunit"
  | "junit"
  | "unknown";

/** How a repository is installed and tested, found on the base commit. Plain JSON. */
export type Project = {
  readonly packageManager: PackageManager;
  /** Shell text run in the set-up phase; undefined when there is nothing to install. */
  readonly install?: string;
  /** Instead of `install`, where nothing is asked for yet: for a change that asks for a first package. */
  readonly firstInstall?: string;
  readonly test: {
    /** Shell text of the whole suite, as the repository defines it, before any reporter is added. */
    readonly command: string;
    readonly runner: Runner;
    /** Globs of the JUnit files that the command writes, where its own runner isn't known to Dunlin. */
    readonly reports?: readonly string[];
  };
  /** Shell text each, from the workspace's top; undefined where the repository has none. */
  readonly build?: string;
  readonly lint?: string;
  /** Looks at types alone and writes nothing. */
  readonly types?: string;
  /** Folders of programs, relative to the workspace, that every command of the project's finds first. */
  readonly path?: readonly string[];
  /** Of every command of the project's. */
  readonly env?: Readonly<Record<string, string>>;
  /** One line each: what was found and where, for the status comment. */
  readonly findings: readonly string[];
};

/** The project as it is to be installed once a change has asked for other packages. */
export function withFirstInstall(project: Project): Project {
  const { install = project.firstInstall } = project;
  return install === undefined ? project : { ...project, install };
}
