import type { CodeHost } from "../code-host/code-host.ts";
import type { Evidence } from "../evidence/evidence.ts";
import { openFindings } from "../evidence/override.ts";
import { checkRunOutput } from "../evidence/report/check-run-output.ts";
import { inlineCode, list } from "../evidence/report/markdown.ts";
import { verdictLine } from "../evidence/report/report.ts";
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

export type PublishedFacts = {
  readonly evidence: Evidence;
  /** Where a person reads more: the pull request, or the check run on it. */
  readonly url: string;
  /** The pull request's head now. */
  readonly headSha: string;
  readonly mention: string;
};

/** The status comment when the evidence is there. */
export function publishedText(facts: PublishedFacts, secrets: readonly string[]): string {
  const { evidence, url, headSha, mention } = facts;
  const { pullRequest, runId } = evidence;
  const parts = [
    verdictLine(evidence),
    pullRequest === null ? `Review it: ${url}` : `All of it: ${url}`,
    moved(evidence.headSha, headSha, mention),
    openList(evidence, mention),
    `<sub>${pullRequest === null ? "" : `For commit ${short(evidence.headSha)}, asked for by ${pullRequest.requestedBy}; no model took part · `}run \`${runId}\`</sub>`,
  ];
  return createRedactor(secrets).redact(parts.filter((part) => part !== "").join("\n\n"));
}

function moved(provenSha: string, headSha: string, mention: string): string {
  if (provenSha === headSha) return "";
  return `> ⚠️ The pull request has moved on to ${short(headSha)}. This holds for ${short(provenSha)} and for nothing since; comment \`${mention} verify\` for the new commit.`;
}

function openList(evidence: Evidence, mention: string): string {
  const open = openFindings(evidence).filter(({ finding }) => finding !== null);
  if (open.length === 0) return "";
  const lines = open.map(({ id, path, detail, finding }) =>
    [finding ?? "", id, ...(path === null ? [] : [path]), detail]
      .map((one) => inlineCode(one))
      .join(" "),
  );
  return `Findings about the tests that block:\n\n${list(lines)}\n\nIf one is meant, comment \`${mention} accept-test-change NAME\` on the pull request.`;
}

function short(sha: string): string {
  return `\`${sha.slice(0, 12)}\``;
}
