import { type Digest, readAll } from "../artifact/artifact.ts";
import type { Baseline } from "../evidence/runs/baseline.ts";
import { decodePatch } from "../workspace/patch-text.ts";
import { bundleText, storeBundle } from "./bundle.ts";
import { factsOf, matrixOptions, matrixPorts } from "./check-change.ts";
import { clonePullRequest, type PulledBase } from "./clone.ts";
import { loadEvidence, storeEvidence } from "./evidence-file.ts";
import { measureBaseline } from "./measure-baseline.ts";
import type { OpenRun } from "./open-run.ts";
import type { Plan } from "./prepare.ts";
import { proveKept } from "./prove-kept.ts";
import { publishedText, writeEvidence } from "./publish-evidence.ts";
import type { RunRequest } from "./run.ts";
import { type Ready, setUp } from "./set-up.ts";
import { statusMarker } from "./status.ts";
import { conclude } from "./summary.ts";

/**
 * The evidence for people's own work: the same runs, gates and verdict as for a change of Dunlin's, and no model. Their
 * commits stay as they are and nothing is pushed; a check run and a comment say what came of it.
 */
export async function verifyPullRequest(
  run: OpenRun,
  plan: Plan,
  pullRequest: NonNullable<RunRequest["pullRequest"]>,
): Promise<void> {
  const pulled = await clonePullRequest(run, plan, pullRequest);
  const ready = await setUp(run, plan, pulled);
  const baseline = await measureBaseline(run, ready);
  const digest = await run.step("verify-1", "verify", (signal) =>
    examine(run, ready, { baseline, pulled }, signal),
  );
  await report(run, ready, digest);
}

async function examine(
  run: OpenRun,
  ready: Ready,
  { baseline, pulled }: { readonly baseline: Baseline; readonly pulled: PulledBase },
  signal: AbortSignal,
): Promise<Digest> {
  const patch = decodePatch(await readAll(run.ports.artifacts.get(pulled.patch)));
  const facts = await factsOf(run, ready, pulled.headSha, null);
  const { unapplied } = pulled;
  const asked = { baseline, patch, facts, unapplied, isLast: true };
  const options = { ...matrixOptions(run, ready, signal), ...asked };
  return storeEvidence(run.ports, await proveKept(run.ports, matrixPorts(run, ready), options));
}

async function report(run: OpenRun, ready: Ready, digest: Digest): Promise<void> {
  const { host, ports, request } = run;
  const evidence = await loadEvidence(ports, digest);
  const bundle = await run.lastStep("bundle", () =>
    storeBundle(ports, run.mirror, evidence, run.log),
  );
  const { url } = await run.hostStep("check-run", "publish", async () => {
    await ports.store.addEvidence({
      key: request.id,
      runId: request.id,
      repositoryId: request.repository.id,
      pullRequestNumber: request.issueNumber,
      digest,
    });
    return writeEvidence(host, evidence, ports.secrets(), bundleText(ports, evidence, bundle));
  });
  await run.lastStep("tell-reported", async () => {
    const { headSha } = await host.pullRequest(request.issueNumber);
    const text = publishedText({ evidence, url, headSha, mention: host.mention }, ports.secrets());
    await host.writeComment(request.issueNumber, statusMarker(request.id), text);
  });
  await conclude(run, {
    state: "reported",
    outcome: evidence.verdict,
    evidence: { digest, content: evidence, bundle },
    isolation: ready.isolation,
  });
}
