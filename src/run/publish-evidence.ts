import type { CodeHost } from "../code-host/code-host.ts";
import { checkRunOutput } from "../evidence/check-run-output.ts";
import type { Evidence } from "../evidence/evidence.ts";
import { createRedactor } from "../pull-request/redact.ts";
import { statusMarker } from "./status.ts";

export const CHECK_RUN_NAME = "Dunlin evidence";

/** The one place where evidence is shown on a commit: the run's one check run, made or brought up to date. */
export function writeEvidence(
  host: CodeHost,
  evidence: Evidence,
  secrets: readonly string[],
  bundle = "",
): Promise<{ readonly url: string }> {
  const { redact } = createRedactor(secrets);
  const { annotations, ...output } = checkRunOutput(evidence, bundle);
  return host.writeCheckRun(statusMarker(evidence.runId), {
    name: CHECK_RUN_NAME,
    headSha: evidence.headSha,
    status: "completed",
    ...output,
    summary: redact(output.summary),
    text: redact(output.text),
    annotations: annotations.map((one) => ({ ...one, message: redact(one.message) })),
  });
}
