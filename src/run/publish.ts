import { type Digest, readAll } from "../artifact/artifact.ts";
import type { PullRequest } from "../code-host/code-host.ts";
import { Failure } from "../errors.ts";
import { type Evidence, readEvidence } from "../evidence/evidence.ts";
import { checkRunReport, verdictLine } from "../evidence/report.ts";
import { branchName } from "../pull-request/branch-name.ts";
import { pullRequestBody, pullRequestTitle } from "../pull-request/pull-request.ts";
import { findCredentialLike, redact } from "../pull-request/redact.ts";
import type { OpenRun } from "./open-run.ts";
import type { Plan } from "./prepare.ts";
import type { Work } from "./resolve-issue.ts";
import type { Ready } from "./set-up.ts";
import { statusMarker } from "./status.ts";
import { conclude } from "./summary.ts";

const WRITERS = ["admin", "maintain", "write"];

/** The change as a draft pull request whose first line is the verdict, with a check run; the status comment says where. */
export async function publish(run: OpenRun, plan: Plan, ready: Ready, work: Work): Promise<void> {
  const evidence = await loadEvidence(run, work.evidence);
  const { pullRequest, body, patch } = await propose(run, plan, work, evidence);
  await run.step("check-run", "publish", () => {
    const report = checkRunReport(evidence);
    return run.host.writeCheckRun(statusMarker(run.request.id), {
      name: "Dunlin evidence",
      headSha: evidence.headSha,
      status: "completed",
      conclusion: evidence.verdict === "verified" ? "success" : "neutral",
      ...report,
    });
  });
  await run.lastStep("tell-proposed", () =>
    run.host.writeComment(
      run.request.issueNumber,
      statusMarker(run.request.id),
      `${verdictLine(evidence)}\n\nReview it: ${pullRequest.url}\n\n<sub>run \`${run.request.id}\`</sub>`,
    ),
  );
  await conclude(run, {
    state: "proposed",
    outcome: evidence.verdict,
    pullRequest: { ...pullRequest, body },
    evidence: { digest: work.evidence, content: evidence },
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
  return run.step("propose", "publish", async (signal) => {
    const { request, host, mirror } = run;
    await stillAllowed(run);
    const patch = await mirror.diff(evidence.baseSha, evidence.headSha);
    const title = pullRequestTitle(request);
    const body = redact(
      pullRequestBody({ request, submission: work.submission, evidence }),
      run.ports.secrets(),
    );
    refuseCredentials(`${title}\n${body}\n${new TextDecoder().decode(patch)}`);
    const branch = branchName(request.issueNumber, request.title, request.id);
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

function refuseCredentials(text: string): void {
  const found = findCredentialLike(text);
  if (found === undefined) return;
  throw new Failure(
    "not-permitted",
    "credential-like",
    `Publishing stopped: the change or its description contains what looks like a credential (${found.kind}, line ${found.line}).`,
  );
}

async function loadEvidence(run: OpenRun, digest: Digest): Promise<Evidence> {
  const bytes = await readAll(run.ports.artifacts.get(digest));
  return readEvidence(JSON.parse(new TextDecoder().decode(bytes)));
}
