import type { Model } from "../agent/model.ts";
import type { Price } from "../agent/pricing.ts";
import type { ArtifactStore, Digest } from "../artifact/artifact.ts";
import type { Attestation } from "../attestation/attestation.ts";
import type { Hash } from "../check/suite-log.ts";
import type { CodeHost, CodeHosts } from "../code-host/code-host.ts";
import type { Steps } from "../engine/engine.ts";
import type { Failure } from "../errors.ts";
import type { Log } from "../log.ts";
import type { EgressRefusal } from "../sandbox/egress.ts";
import type { Registry } from "../sandbox/egress-registry.ts";
import type { SandboxLimits, SandboxProvider } from "../sandbox/sandbox.ts";
import type { Mirror, Mirrors } from "../workspace/mirror.ts";
import { durableSteps, type StepEvent } from "./durable.ts";
import type { Journals } from "./journal.ts";
import { patientSteps } from "./patient-steps.ts";
import type { RunRequest } from "./run.ts";
import type { SavedBaselines } from "./saved-baselines.ts";
import type { SavedInstalls } from "./saved-installs.ts";
import type { RunStore, SpendingLimits } from "./store.ts";

/** Bounds of every run; the operator's. */
export type RunLimits = SpendingLimits & {
  readonly turns: number;
  readonly durationMs: number;
  /** The model's context window. */
  readonly contextTokens: number;
  readonly sandbox: SandboxLimits;
  /** Of one run, for its evidence. */
  readonly sandboxesAtOnce: number;
};

/** What an installation may reach. */
export type Registries = {
  /** At the gateway. */
  readonly registries: readonly Registry[];
  /** `host:port`, by CONNECT. */
  readonly origins: readonly string[];
};

export type RunProgress =
  | ({ readonly run: string } & StepEvent)
  | { readonly run: string; readonly state: "note"; readonly note: string };

/** All that a run needs of the world. */
export type RunPorts = {
  readonly hosts: CodeHosts;
  readonly store: RunStore;
  readonly journals: Journals;
  readonly artifacts: ArtifactStore;
  readonly attestation: Attestation;
  readonly installs: SavedInstalls;
  readonly baselines: SavedBaselines;
  readonly sandboxes: SandboxProvider;
  readonly mirrors: Mirrors;
  readonly model: Model;
  /** What the model costs. */
  readonly price: Price;
  readonly limits: RunLimits;
  /** Sandbox images that a repository may choose; the first is for those that say nothing. */
  readonly images: readonly string[];
  readonly registries: Registries;
  /** Aborts with a Failure when a person asked to stop or the time is over. */
  watch(runId: string, deadlineMs: () => number): Disposable & { readonly signal: AbortSignal };
  /** Values that must never leave: they are removed from everything published. */
  secrets(): readonly string[];
  /** `sha256:` and 64 hexadecimal digits. */
  sha256(content: Uint8Array | string): string;
  createHash(): Hash;
  now(): number;
  pause(durationMs: number, signal: AbortSignal): Promise<void>;
  /** ISO 8601, UTC. */
  isoTime(ms: number): string;
  newId(): string;
  /** What happens, as it happens; `note` says something about the step under way. */
  onProgress(event: RunProgress): void;
  readonly log: Log;
};

/** What sandboxes with a commit in them are made and run with; a run under way is one. */
export type Workshop = {
  readonly ports: Pick<
    RunPorts,
    "sandboxes" | "limits" | "artifacts" | "installs" | "registries" | "sha256" | "createHash"
  > &
    Pick<RunPorts, "now" | "isoTime">;
  readonly request: Pick<RunRequest, "id" | "repository">;
  readonly mirror: Mirror;
  note(text: string): void;
};

/** One run under way. `checkpoint` and `phases` are rebuilt from the journal when a run resumes. */
export type OpenRun = Disposable & {
  readonly ports: RunPorts;
  readonly request: RunRequest;
  readonly host: CodeHost;
  readonly mirror: Mirror;
  readonly log: Log;
  readonly startedAtMs: number;
  /** A step of the run's work: ended by a stop or the deadline. */
  step<T>(name: string, phase: string, body: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** The same for what needs the code host: waits for it, for hours if need be, before it fails. */
  hostStep<T>(name: string, phase: string, body: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** A host step that a stop doesn't end: telling people, keeping the work. */
  lastStep<T>(name: string, body: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** Says something to whoever watches; kept nowhere. */
  note(text: string): void;
  /** Milliseconds of each phase so far, in order of appearance. */
  readonly phases: Map<string, number>;
  /** The workspace's changes after the last turn that made any: the patch so far. */
  checkpoint: Digest | undefined;
  /** Why the workspace as it stands can't become a patch, when it has gone on since the checkpoint. */
  unkept: string | undefined;
  turns: number;
  /** What the model has used. */
  tokens: { readonly input: number; readonly cachedInput: number; readonly output: number };
  /** What the model's sandboxes were refused. */
  refusals: readonly EgressRefusal[];
  /** For the status comment. */
  findings: readonly string[];
  plan: readonly { readonly text: string; readonly status: string }[];
};

export async function openRun(
  ports: RunPorts,
  steps: Steps,
  request: RunRequest,
): Promise<OpenRun> {
  const journal = await ports.journals.open(request.id);
  const phases = new Map<string, number>();
  const log = ports.log.child({ run: request.id });
  const openedAtMs = ports.now();
  let workedMs = 0;
  const onEvent = (event: StepEvent) => {
    if (event.state !== "started") {
      phases.set(event.phase, (phases.get(event.phase) ?? 0) + event.ms);
    }
    if (event.state === "replayed") workedMs += event.ms;
    log.info({ ...event }, "step");
    ports.onProgress({ run: request.id, ...event });
  };
  const onFault = (name: string, { message, cause }: Failure) =>
    log.error({ step: name, reason: message, stack: stackOf(cause) }, "step went wrong");
  const step = durableSteps(steps, journal, ports.now, onEvent, onFault);
  const patient = patientSteps(step, ports.pause);
  const startedAtMs = await step("start", { phase: "acknowledge" }, async () => {
    await ports.store.setState(request.id, "working");
    return ports.now();
  });
  // The time in which nobody worked on a run is not the run's.
  const deadlineMs = () => openedAtMs + ports.limits.durationMs - workedMs;
  const watch = ports.watch(request.id, deadlineMs);
  const host = await ports.hosts.repository(request.repository);
  return {
    ports,
    request,
    host,
    mirror: await ports.mirrors.open(request.repository),
    log,
    startedAtMs,
    step: (name, phase, body) => step(name, { phase, signal: watch.signal }, body),
    note: (note) => ports.onProgress({ run: request.id, state: "note", note }),
    hostStep: (name, phase, body) => patient(name, { phase, signal: watch.signal }, body),
    lastStep: (name, body) => patient(name, { phase: "publish" }, body),
    phases,
    checkpoint: undefined,
    unkept: undefined,
    turns: 0,
    tokens: { input: 0, cachedInput: 0, output: 0 },
    refusals: [],
    findings: [],
    plan: [],
    [Symbol.dispose]: () => watch[Symbol.dispose](),
  };
}

function stackOf(cause: unknown): string {
  return cause instanceof Error ? (cause.stack ?? "") : "";
}
