import type { Runner } from "../project.ts";

/**
 * One way to see which lines of a file ran. `reader` is a CommonJS program that runs in the sandbox after the tests:
 * `module.exports = ({ folder, root, files, tests, seen, mark, doubt }) => {}`. It finds what the tests left in `folder`,
 * calls `mark(path, line, ran)` for the wanted lines of `files` (any times: one that ran once has run), `doubt(path,
 * reason)` where it can't say, and `seen()` once it finds that one of the files in `tests` ran under its eyes.
 */
export type CoverageTool = {
  /** As people call it. */
  readonly name: string;
  sees(path: string): boolean;
  /** What makes the test command leave something in `folder`. */
  env(folder: string, runner: Runner): Readonly<Record<string, string>>;
  readonly reader: string;
};

/** What Node can run, also by a transformation. */
export function isScript(path: string): boolean {
  return /\.(?:[cm]?[jt]sx?|vue|svelte)$/.test(path);
}
