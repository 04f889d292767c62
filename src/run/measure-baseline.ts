import { explainUnrunnable } from "../check/explain-unrunnable.ts";
import { Failure } from "../errors.ts";
import { type Baseline, baselineProblem, runBaseline } from "../evidence/baseline.ts";
import { matrixOptions, matrixPorts } from "./check-change.ts";
import type { Desk } from "./desk.ts";
import type { OpenRun } from "./open-run.ts";
import type { Ready } from "./set-up.ts";
import { showStatus } from "./status.ts";

/**
 * The suite of the base, twice, before any model request is paid for. Meanwhile the model's own sandbox opens, where there is
 * a model. Throws a Failure when nothing could ever be proven on this base.
 */
export async function measureBaseline(run: OpenRun, ready: Ready, desk?: Desk): Promise<Baseline> {
  return run.step("baseline", "baseline", async (signal) => {
    desk?.openAhead(signal);
    await showStatus(run, "Running the test suite as it is");
    const baseline = await runBaseline(matrixPorts(run, ready), matrixOptions(run, ready, signal));
    const problem =
      explainUnrunnable(baseline.first, ready.project.test.reports) ?? baselineProblem(baseline);
    if (problem === undefined) return baseline;
    throw new Failure("invalid-request", "suite-does-not-run", problem);
  });
}
