/**
 * Durable steps. A workflow's body may run again from its start after a crash; a finished step is not run again, its
 * stored result is returned. A step's body can run twice (a crash between its effect and its record), so its effects
 * must be idempotent. Bodies use no clock, randomness or I/O outside of steps.
 */
export interface Steps {
  /** The workflow's id, as given to `enqueue`. */
  readonly id: string;
  /** `result` must be JSON and small (ids, digests). `signal` is aborted when the process shuts down. */
  step<T>(name: string, body: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

/**
 * Code of the Failure (`cancelled`) that a step ends with when the process stops: let it through and clear up on the
 * way. Nothing is recorded of it; the next start begins at that step again.
 */
export const STOPPING = "process-stops";

export type WorkflowBody<Input> = (steps: Steps, input: Input) => Promise<void>;

export type EnqueueOptions = {
  /** The same id twice is one workflow. */
  readonly id: string;
  /** Workflows of one partition share the queue's per-partition limit, e.g. a repository. */
  readonly partition?: string;
};

export type QueueLimits = {
  /** At once in this process. */
  readonly perWorker: number;
  /** At once per partition, all processes together. */
  readonly perPartition?: number;
};

export interface Workflow<Input> {
  /** Resolves once the request is stored durably. Returns `duplicate` when the id is known. */
  enqueue(input: Input, options: EnqueueOptions): Promise<"enqueued" | "duplicate">;
}

export interface Engine {
  /** Call before `start`. `name` is stable across versions. */
  workflow<Input>(name: string, limits: QueueLimits, body: WorkflowBody<Input>): Workflow<Input>;
  /** Resumes what a crash left behind, then takes new work. */
  start(): Promise<void>;
  /** Resolves when the workflow has ended, whichever process ran it; throws what it threw. */
  finished(id: string): Promise<void>;
  /** Ends what runs and waits up to `graceMs` for that; it resumes at the next start. Idempotent. */
  stop(options: { readonly graceMs: number }): Promise<void>;
}
