import type { Digest } from "../artifact/artifact.ts";
import { formatKey } from "../check/suite.ts";
import type { PullRequest } from "../code-host/code-host.ts";
import type { FailureKind } from "../errors.ts";
import type { Evidence } from "../evidence/evidence.ts";
import type { Isolation } from "../sandbox/sandbox.ts";
import type { StoredBundle } from "./bundle.ts";
import type { OpenRun } from "./open-run.ts";
import type { RunState } from "./run.ts";

/** A run in figures, for programs: the last entry of its journal. */
export type RunSummary = {
  readonly run: {
    readonly id: string;
    readonly state: RunState;
    /** The verdict, or `kind/code` of what ended the run. */
    readonly outcome: string;
    readonly turns: number;
    readonly costUsd: number;
    readonly durationMs: number;
    readonly phasesMs: Readonly<Record<string, number>>;
  };
  readonly pullRequest?: PullRequest & { readonly body: string };
  readonly evidence?: {
    readonly verdict: string;
    readonly failToPass: readonly string[];
    readonly passToPass: number;
    readonly passToFail: number;
    /** Digest of the whole evidence.json. */
    readonly digest: Digest;
    /** Of the signed archive. */
    readonly bundle?: Digest;
  };
  /** What ended a run that has no proposal. */
  readonly problem?: Problem;
  /** The change as a unified diff, in the artifact store; of a run without a proposal, what was kept. */
  readonly patchDigest?: Digest;
  readonly sandbox?: Pick<Isolation, "provider" | "runtime" | "imageDigest" | "networkMode">;
  readonly model: { readonly name: string; readonly host: string };
};

/** `phase` is that of the step which failed; `message` are full sentences, empty for a fault of Dunlin's own. */
export type Problem = {
  readonly kind: FailureKind;
  readonly code: string;
  readonly phase: string;
  readonly message: string;
};

/** Name of the journal's step that holds the summary. */
export const SUMMARY_STEP = "conclude";

export type Conclusion = {
  readonly state: RunState;
  readonly outcome: string;
  readonly pullRequest?: RunSummary["pullRequest"];
  readonly evidence?: {
    readonly digest: Digest;
    readonly content: Evidence;
    readonly bundle?: StoredBundle;
  };
  readonly problem?: Problem;
  readonly patchDigest?: Digest;
  readonly isolation?: Isolation;
};

/** The run's last step: its end is stored where everybody looks, once. */
export async function conclude(run: OpenRun, conclusion: Conclusion): Promise<void> {
  const summary = await run.lastStep(SUMMARY_STEP, async (): Promise<RunSummary> => {
    const { store, model, now } = run.ports;
    const { state, outcome, pullRequest, evidence, problem, isolation, patchDigest } = conclusion;
    const spent = await store.spent(run.request.id);
    await store.setState(run.request.id, state, {
      outcome,
      ...(pullRequest === undefined ? {} : { pullRequestNumber: pullRequest.number }),
    });
    return {
      run: {
        id: run.request.id,
        state,
        outcome,
        turns: run.turns,
        costUsd: spent.costUsd,
        durationMs: now() - run.startedAtMs,
        phasesMs: Object.fromEntries(run.phases),
      },
      ...(pullRequest === undefined ? {} : { pullRequest }),
      ...(evidence === undefined ? {} : { evidence: shortened(evidence) }),
      ...(problem === undefined ? {} : { problem }),
      ...(patchDigest === undefined ? {} : { patchDigest }),
      ...(isolation === undefined ? {} : { sandbox: sandboxOf(isolation) }),
      model: { name: model.name, host: model.host },
    };
  });
  run.log.info({ outcome: conclusion.outcome, summary }, "run ended");
}

function shortened(
  evidence: NonNullable<Conclusion["evidence"]>,
): NonNullable<RunSummary["evidence"]> {
  const { verdict, tests } = evidence.content;
  return {
    verdict,
    failToPass: tests.failToPass.map((test) => formatKey(test.key)),
    passToPass: tests.passToPass,
    passToFail: tests.passToFail.length,
    digest: evidence.digest,
    ...(evidence.bundle ? { bundle: evidence.bundle.digest } : {}),
  };
}

function sandboxOf({ provider, runtime, imageDigest, networkMode }: Isolation) {
  return { provider, runtime, imageDigest, networkMode };
}
