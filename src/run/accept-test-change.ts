import type { CodeHost } from "../code-host/code-host.ts";
import type { AcceptCommand } from "../command/command.ts";
import { Failure } from "../errors.ts";
import { acceptFindings } from "../evidence/accept-findings.ts";
import type { Evidence } from "../evidence/evidence.ts";
import { openFindings } from "../evidence/override.ts";
import { inlineCode, list } from "../evidence/report/markdown.ts";
import { reportParts, verdictLine } from "../evidence/report/report.ts";
import { createRedactor } from "../pull-request/redact.ts";
import { replaceReport } from "../pull-request/replace-report.ts";
import { type BundlePorts, bundleText, loadBasis, storeBundle } from "./bundle.ts";
import { loadEvidence, storeEvidence } from "./evidence-file.ts";
import type { RunPorts } from "./open-run.ts";
import { publishedText, writeEvidence } from "./publish-evidence.ts";
import { statusMarker } from "./status.ts";

export type AcceptPorts = BundlePorts &
  Pick<RunPorts, "hosts" | "store" | "mirrors" | "secrets" | "log">;

/**
 * A person's word that what a gate found is meant: recorded in the evidence, which is judged again, stored anew and
 * shown. Nothing is run. The same command twice has one effect. Throws a Failure for the person when it can't be done.
 */
export async function acceptTestChange(ports: AcceptPorts, command: AcceptCommand): Promise<void> {
  const { store } = ports;
  const { repository, issueNumber, headSha } = command;
  const known = await store.latestEvidence(repository.id, issueNumber);
  const host = await ports.hosts.repository(repository);
  if (known === undefined) throw nothingToAccept(host.mention);
  const before = await loadEvidence(ports, known.digest);
  // Said in an earlier attempt that did not come to its end: only what it shows is missing.
  if (before.overrides.some(({ comment }) => comment === command.comment)) {
    return show(ports, host, command, before);
  }
  if (before.headSha !== headSha) throw movedOn(before.headSha, headSha, host.mention);
  requireOpen(command.findings, before, host.mention);
  const after = acceptFindings(before, await loadBasis(ports, before), {
    findings: command.findings,
    by: command.requestedBy,
    at: ports.isoTime(ports.now()),
    comment: command.comment,
    supersedes: known.digest,
  });
  await store.addEvidence({
    key: command.meaningKey,
    runId: known.runId,
    repositoryId: repository.id,
    pullRequestNumber: issueNumber,
    digest: await storeEvidence(ports, after),
  });
  await show(ports, host, command, after);
}

async function show(
  ports: AcceptPorts,
  host: CodeHost,
  { issueNumber, headSha }: AcceptCommand,
  evidence: Evidence,
): Promise<void> {
  const secrets = ports.secrets();
  const mirror = await ports.mirrors.open(host.repository);
  const bundle = await storeBundle(ports, mirror, evidence, ports.log);
  const text = bundleText(ports, evidence, bundle);
  const checkRun = await writeEvidence(host, evidence, secrets, text);
  const { url, body } = await host.pullRequest(issueNumber);
  const isOwn = evidence.pullRequest === null;
  if (isOwn) await rewriteBody(ports, host, { number: issueNumber, body }, evidence);
  const run = await ports.store.get(evidence.runId);
  await host.writeComment(
    run?.request.issueNumber ?? issueNumber,
    statusMarker(evidence.runId),
    publishedText(
      { evidence, url: isOwn ? url : checkRun.url, headSha, mention: host.mention },
      secrets,
    ),
  );
}

/** What Dunlin wrote there, by what it would write now; what people wrote stays. */
async function rewriteBody(
  ports: AcceptPorts,
  host: CodeHost,
  { number, body }: { readonly number: number; readonly body: string },
  evidence: Evidence,
): Promise<void> {
  const { redact } = createRedactor(ports.secrets());
  const digest = evidence.supersedes;
  const before = digest === null ? evidence : await loadEvidence(ports, digest);
  const textOf = (one: Evidence) =>
    [verdictLine(one), ...reportParts(one).map(({ text }) => text)].map(redact);
  const next = replaceReport(body, textOf(before), textOf(evidence));
  if (next !== body) await host.writePullRequestBody(number, next);
}

function nothingToAccept(mention: string): Failure {
  const message = `There is no evidence of Dunlin's for this pull request, so there is nothing to accept. Comment \`${mention} verify\` first.`;
  return new Failure("invalid-request", "no-evidence", message);
}

function movedOn(provenSha: string, headSha: string, mention: string): Failure {
  const message = `The evidence is about \`${provenSha.slice(0, 12)}\`, and the pull request stands at \`${headSha.slice(0, 12)}\` now, so nothing was accepted. Comment \`${mention} verify\` for the new commit.`;
  return new Failure("invalid-request", "head-moved", message);
}

/** All or nothing: a person who mistyped one name sees the names there are. */
function requireOpen(findings: readonly string[], evidence: Evidence, mention: string): void {
  const open = openFindings(evidence);
  const unknown = findings.filter((name) => !open.some(({ finding }) => finding === name));
  if (findings.length > 0 && unknown.length === 0) return;
  throw new Failure("invalid-request", "unknown-finding", namesAnswer(unknown, evidence, mention));
}

function namesAnswer(unknown: readonly string[], evidence: Evidence, mention: string): string {
  const open = openFindings(evidence);
  const first =
    unknown.length === 0
      ? "A finding's name is missing, so nothing was accepted."
      : `${unknown.map((name) => whyNot(name, evidence)).join(" ")} So nothing was accepted.`;
  if (open.length === 0) {
    return `${first} No finding about the tests blocks this pull request. A failing test can't be accepted: mend it.`;
  }
  const lines = open.map(({ finding, id, path, detail }) =>
    [finding ?? "", id, path ?? "", detail]
      .filter((part) => part !== "")
      .map((part) => inlineCode(part))
      .join(" "),
  );
  return `${first} These block; comment \`${mention} accept-test-change NAME\` for each that is meant:\n\n${list(lines)}`;
}

function whyNot(name: string, { overrides }: Evidence): string {
  const accepted = overrides.find(({ finding }) => finding === name);
  const shown = inlineCode(name, 64);
  if (accepted === undefined) return `There is no finding ${shown} on this commit.`;
  return `${inlineCode(accepted.by)} has accepted ${shown} already.`;
}
