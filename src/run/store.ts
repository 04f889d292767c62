import type { Digest } from "../artifact/artifact.ts";
import type { Run, RunRequest, RunState } from "./run.ts";

/** An instruction given to a run while it works. */
export type Steer = { readonly sequence: number; readonly author: string; readonly text: string };

/** Upper bounds; see docs for the settings. Money in US dollars. A `day` is UTC. */
export type SpendingLimits = {
  readonly runUsd: number;
  readonly runTokens: number;
  readonly repositoryDayUsd: number;
  readonly totalDayUsd: number;
};

export type Reservation = {
  /** Names this attempt of this request; the same key twice is one reservation. */
  readonly key: string;
  readonly runId: string;
  readonly repositoryId: number;
  /** `YYYY-MM-DD`, UTC. */
  readonly day: string;
  /** Upper estimates, counted until settled; a reservation that is never settled stays counted. */
  readonly costUsd: number;
  readonly tokens: number;
};

export type Refused = {
  readonly limit: "run-cost" | "run-tokens" | "repository-day-cost" | "total-day-cost";
  readonly used: number;
  readonly allowed: number;
};

export type Spent = {
  readonly costUsd: number;
  readonly tokens: number;
  readonly requests: number;
};

/** What must outlive a process and be seen by all of them, beside the engine's own records. */
export interface RunStore {
  /** `busy`: the issue has an open run; `full`: the repository has `maxOpen` open runs. */
  create(
    request: RunRequest,
    limits: { readonly maxOpenPerRepository: number },
  ): Promise<"created" | "exists" | "busy" | "full">;
  get(id: string): Promise<Run | undefined>;
  /** The open run of an issue. */
  open(repositoryId: number, issueNumber: number): Promise<Run | undefined>;
  setState(
    id: string,
    state: RunState,
    facts?: { readonly outcome?: string; readonly pullRequestNumber?: number },
  ): Promise<void>;
  /** Idempotent. */
  requestStop(id: string, by: string): Promise<void>;
  /** Login of the person who asked. */
  stopRequestedBy(id: string): Promise<string | undefined>;
  /** `key` is the delivery's id: the same instruction twice is one. */
  addSteer(id: string, key: string, author: string, text: string): Promise<void>;
  /** Those with a sequence above `after`, in order. */
  steersAfter(id: string, after: number): Promise<readonly Steer[]>;
  /** What a pull request's evidence is from now on. The same key twice is one. */
  addEvidence(evidence: {
    readonly key: string;
    readonly runId: string;
    readonly repositoryId: number;
    readonly pullRequestNumber: number;
    readonly digest: Digest;
  }): Promise<void>;
  /** The evidence added last. */
  latestEvidence(
    repositoryId: number,
    pullRequestNumber: number,
  ): Promise<{ readonly runId: string; readonly digest: Digest } | undefined>;
  /** Counts an upper estimate before a request is sent, or refuses it; atomic over all processes. */
  reserve(reservation: Reservation, limits: SpendingLimits): Promise<Refused | undefined>;
  /** Replaces the estimate by what was used. */
  settle(key: string, used: { readonly costUsd: number; readonly tokens: number }): Promise<void>;
  spent(runId: string): Promise<Spent>;
}
