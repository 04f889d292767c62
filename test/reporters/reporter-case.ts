import type { Layer } from "../../src/sandbox/sandbox.ts";
import type { Tree } from "../upstream/tarballs.ts";

/** How many tests came to what. Todo counts as skipped. */
export type Counts = Readonly<Record<"pass" | "fail" | "skip", number>>;

/** A real project whose tests are run twice: by its runner alone, and by Dunlin's way with its reporters. */
export type ReporterCase = {
  readonly runner: string;
  /** Name and version, and what else its readers should know. */
  readonly project: string;
  /** One of the operator's images. */
  readonly image: string;
  /** Brings the project to the host; nothing of it is run there. */
  prepare(cache: string): Promise<{ readonly files: Tree; readonly layers: readonly Layer[] }>;
  /** Shell text in the project's folder; prints the runner's version. */
  readonly version: string;
  /** Shell text of the same tests without Dunlin, with the runner's own summary on the standard output. */
  readonly alone: string;
  /** What the summary says; undefined if there is none in the output. */
  summary(output: string): Counts | undefined;
  /** What `summary` takes as one test, where the runner's last lines count something else than tests. */
  readonly counted?: string;
  /** Where Dunlin must count otherwise: by how many, and why. */
  readonly differs?: { readonly by: Counts; readonly because: string };
};
