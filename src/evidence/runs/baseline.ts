import type { SuiteRun } from "../../check/suite.ts";
import { type MatrixOptions, type MatrixPorts, runTree } from "./fresh-sandbox.ts";
import { inParallel } from "./in-parallel.ts";

/** R0: the base's whole suite, twice. Plain JSON. */
export type Baseline = { readonly first: SuiteRun; readonly second: SuiteRun };

/**
 * Runs the base's suite twice, each time in its own sandbox. A failing suite is a result; a sandbox lost twice in a row
 * throws `unavailable/sandbox-lost`.
 */
export async function runBaseline(
  ports: Pick<MatrixPorts, "freshSandbox" | "runSuite">,
  options: MatrixOptions,
): Promise<Baseline> {
  const lines = ["running the base's test suite", "running the base's test suite a second time"];
  const trees = lines.map((line) => runTree(ports, options, { line, under: ["usual"] }));
  const [first, second] = (await inParallel(trees, options)).flatMap(({ suites }) => suites);
  if (first === undefined || second === undefined) throw new Error("The base ran less than twice.");
  return { first, second };
}

/** Why nothing can be proven on this base, as a sentence for the person; undefined when something can. */
export function baselineProblem({ first, second }: Baseline): string | undefined {
  const broken = [first, second].find((suite) => suite.end !== "exit");
  if (broken !== undefined) {
    return `The test command did not run to its end on the base commit (${broken.end}). Make \`${broken.command}\` work there, without a network.`;
  }
  if (first.tests.length > 0 || first.exitCode === 0) return undefined;
  return `The test command exited with ${first.exitCode} on the base commit and no test was reported. Make \`${first.command}\` work there, without a network.`;
}
