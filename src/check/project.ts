export type PackageManager = "npm" | "pnpm" | "yarn";

/** Test runners whose results are read test by test; `unknown` gives an exit code and a log only. */
export type Runner = "node:test" | "tap" | "vitest" | "mocha" | "jest" | "unknown";

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
  };
  /** One line each: what was found and where, for the status comment. */
  readonly findings: readonly string[];
};

/** The project as it is to be installed once a change has asked for other packages. */
export function withFirstInstall(project: Project): Project {
  const { install = project.firstInstall } = project;
  return install === undefined ? project : { ...project, install };
}
