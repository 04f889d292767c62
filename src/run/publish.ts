import type { Submission } from "../agent/tools/submit.ts";
import type { Digest } from "../artifact/artifact.ts";
import type { PullRequest } from "../code-host/code-host.ts";
import { Failure } from "../errors.ts";
import type { Evidence } from "../evidence/evidence.ts";
import { branchName } from "../pull-request/branch-name.ts";
import { findCredentialLike } from "../pull-request/credential.ts";
import { pullRequestBody, pullRequestTitle } from "../pull-request/pull-request-text.ts";
import { createRedactor, type Redactor } from "../pull-request/redact.ts";
import { bundleText, storeBundle } from "./bundle.ts";
import { loadEvidence } from "./evidence-file.ts";
import type { OpenRun } from "./open-run.ts";
import type { Plan } from "./prepare.ts";
import { publishedText, writeEvidence } from "./publish-evidence.ts";
import type { Work } from "./resolve-issue.ts";
import { issueNumberOf, type RunRequest } from "./run.ts";
import type { Ready } from "./set-up.ts";
import { statusMarker } from "./status.ts";
import { conclude } from "./summary.ts";

const WRITERS = ["admin", "maintain", "write"];

/** The change as a draft pull request whose first line is the verdict, with a check run; the status comment says where. */
export async function publish(run: OpenRun, plan: Plan, ready: Ready, work: Work): Promise<void> {
  const evidence = await loadEvidence(run.ports, work.evidence);
  const bundle = await run.lastStep("bundle", () =>
    storeBundle(run.ports, run.mirror, evidence, run.log),
  );
  const { pullRequest, body, patch } = await propose(run, plan, work, evidence);
  await run.hostStep("check-run", "publish", async () => {
    await run.ports.store.addEvidence({
      key: run.request.id,
      runId: run.request.id,
      repositoryId: run.request.repository.id,
      pullRequestNumber: pullRequest.number,
      digest: work.evidence,
    });
    const text = bundleText(run.ports, evidence, bundle);
    return writeEvidence(run.host, evidence, run.ports.secrets(), text);
  });
  await run.lastStep("tell-proposed", () =>
    run.host.writeComment(
      run.request.issueNumber,
      statusMarker(run.request.id),
      publishedText(
        { evidence, url: pullRequest.url, headSha: evidence.headSha, mention: run.host.mention },
        run.ports.secrets(),
      ),
    ),
  );
  await conclude(run, {
    state: "proposed",
    outcome: evidence.verdict,
    pullRequest: { ...pullRequest, body },
    evidence: { digest: work.evidence, content: evidence, bundle },
    isolation: ready.isolation,
    patchDigest: patch,
  });
}

type Proposed = {
  readonly pullRequest: PullRequest;
  readonly body: string;
  readonly patch: Digest;
};

async function propose(
  run: OpenRun,
  plan: Plan,
  work: Work,
  evidence: Evidence,
): Promise<Proposed> {
  return run.hostStep("propose", "publish", async (signal) => {
    const { request, host, mirror } = run;
    await stillAllowed(run);
    const patch = await mirror.diff(evidence.baseSha, evidence.headSha);
    const title = pullRequestTitle(request.title);
    const redactor = createRedactor(run.ports.secrets());
    const body = redactor.redact(bodyOf(request, work.submission, evidence));
    refuseCredentials(redactor, `${title}\n${body}\n${new TextDecoder().decode(patch)}`);
    const branch = branchName(issueNumberOf(request), request.title, request.id);
    const pullRequest = await host.publish({
      issueNumber: request.issueNumber,
      branch,
      baseBranch: plan.baseBranch,
      baseSha: evidence.baseSha,
      headSha: evidence.headSha,
      title,
      body,
      patch,
      push: (remote) => mirror.push(remote, evidence.headSha, branch, { signal }),
    });
    const { digest } = await run.ports.artifacts.put(patch);
    return { pullRequest, body, patch: digest };
  });
}

/** Asked again right before publishing: what was allowed at the start may not be any more. */
async function stillAllowed({ host, request }: OpenRun): Promise<void> {
  if (WRITERS.includes(await host.permission(request.requestedBy))) return;
  throw new Failure(
    "not-permitted",
    "permission-revoked",
    `${request.requestedBy} no longer has write access, so nothing was published.`,
  );
}

function refuseCredentials(redactor: Redactor, text: string): void {
  const [found] = findCredentialLike(text);
  if (found === undefined && !redactor.holdsSecret(text)) return;
  const what =
    found === undefined ? "one of Dunlin's own secrets" : `${found.kind}, line ${found.line}`;
  throw new Failure(
    "not-permitted",
    "credential-like",
    `Publishing stopped: the change or its description contains what looks like a credential (${what}).`,
  );
}

function bodyOf(request: RunRequest, submission: Submission, evidence: Evidence): string {
  return pullRequestBody({
    issueNumber: issueNumberOf(request),
    issueTitle: request.title,
    submission: {
      rootCause: submission.root_cause,
      summary: submission.summary,
      risks: submission.risks ?? "",
    },
    evidence,
  });
}
