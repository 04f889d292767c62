import type { Capabilities, Requirements } from "./capabilities.ts";
import type { EgressPolicy, EgressRefusal } from "./egress.ts";

/** Where the repository stands in every sandbox; owned by the uid that runs the commands. */
export const WORKSPACE = "/workspace";

/**
 * Files that are there when the sandbox is, before `create` resolves. A provider may unpack a layer once and show it to
 * any number of sandboxes, each of which has its own view of it.
 */
export type Layer = {
  /** Names the content, `sha256:…`: of the archive's bytes, or, with `unpack`, of all that decides what comes of it. */
  readonly digest: string;
  /** Absolute folder the archive is unpacked into. */
  readonly into: string;
  /** The program that unpacks it, as a job, in that folder, from its standard input; one that reads a tar if left out. */
  readonly unpack?: readonly string[];
  /** Layers of different scopes never share what was unpacked, e.g. those of different repositories. */
  readonly scope?: string;
  open(): AsyncIterable<Uint8Array>;
};

export type SandboxLimits = {
  readonly cpus: number;
  readonly memoryMiB: number;
  readonly pids: number;
  readonly workspaceMiB: number;
};

export type SandboxSpec = {
  /** Name of a folder in `sandbox-images/`. */
  readonly image: string;
  readonly limits: SandboxLimits;
  /** The sandbox is destroyed after this time, whatever it does. */
  readonly maxLifetimeMs: number;
  readonly egress: EgressPolicy;
  /** Unpacked in this order, over the snapshot when there is one. */
  readonly layers: readonly Layer[];
  /** The workspace starts as it was then: a name that `Sandbox.snapshot` of the same provider gave. */
  readonly snapshot?: string;
  readonly labels: Readonly<Record<string, string>>;
  /** What the caller can't do without; `create` throws before anything is made. */
  readonly require?: Requirements;
  /** While a sandbox made with this key lives, `create` gives that one instead of a second. */
  readonly key?: string;
  /** It lives on when Dunlin's process ends, until its time is over, and `connect` finds it. Default false. */
  readonly outlivesProcess?: boolean;
};

/** What stands between a command and the host, as found by probing; shown in the pull request. */
export type Isolation = {
  readonly provider: string;
  readonly runtime: string;
  readonly userNamespace: boolean;
  /** A runtime with known escapes, allowed by the operator only. */
  readonly weak: boolean;
  readonly imageDigest: string;
  readonly networkMode: "none";
};

export type OutputChunk = { readonly fd: 1 | 2; readonly data: Uint8Array };

export type ExecOptions = {
  /** Absolute; the workspace when left out. */
  readonly cwd?: string;
  /**
   * Added to the sandbox's own small environment, which names the proxy while something may be reached; never holds a
   * secret.
   */
  readonly env?: Readonly<Record<string, string>>;
  /** Read from its descriptor only: no program can open `/dev/stdin` by name. */
  readonly stdin?: Uint8Array | AsyncIterable<Uint8Array>;
  readonly timeoutMs: number;
  /** Kept per stream, the first and the last half of it; the rest is counted and dropped. Default 1 MiB. */
  readonly maxOutputBytes?: number;
  /** The command is killed after this much output on both streams together. Default 64 MiB. */
  readonly killAfterOutputBytes?: number;
  /** Sees every byte, in order. The command is held back until the returned promise settles. */
  readonly onOutput?: (chunk: OutputChunk) => void | Promise<void>;
  readonly signal?: AbortSignal;
};

/**
 * How a command ended. A non-zero exit, a timeout and an out-of-memory kill are results; `killed` means the caller's
 * signal or the output limit; `lost` means the sandbox itself is gone (`oom` when the engine says that memory was why).
 */
export type ExecResult = {
  readonly end: "exit" | "signal" | "timeout" | "killed" | "oom" | "lost";
  /** Only for `exit`. */
  readonly exitCode: number | null;
  /** Only for `signal`, e.g. `SIGSEGV`. */
  readonly signal: string | null;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** Bytes left out of the middle of `stdout` and `stderr`. */
  readonly droppedBytes: number;
  readonly durationMs: number;
};

export type FileWrite = {
  /** Absolute. Parent folders are made. */
  readonly path: string;
  readonly data: Uint8Array;
  readonly mode?: 0o644 | 0o755;
};

/** One isolated machine. Everything runs as an unprivileged user and only one foreground command runs at a time. */
export interface Sandbox extends AsyncDisposable {
  readonly id: string;
  readonly isolation: Isolation;
  /**
   * Runs a program (never a shell string) and waits for its end. Every process it started is gone when this resolves,
   * daemons included. Throws `invalid-request` for a bad path or an argument too long; a missing program is exit 127.
   */
  exec(argv: readonly string[], options: ExecOptions): Promise<ExecResult>;
  /** Throws `invalid-request/file-too-large` above `maxBytes` and `invalid-request/no-such-file`. */
  readFile(path: string, options: { readonly maxBytes: number }): Promise<Uint8Array>;
  writeFiles(files: readonly FileWrite[]): Promise<void>;
  /** Unpacks a tar as the unprivileged user into an absolute folder. */
  uploadTar(folder: string, tar: AsyncIterable<Uint8Array>): Promise<void>;
  /** The named paths below `folder` as a tar; throws `limit-reached/archive-too-large` once `maxBytes` have come. */
  downloadTar(
    folder: string,
    paths: readonly string[],
    options: { readonly maxBytes: number },
  ): AsyncIterable<Uint8Array>;
  /**
   * Takes effect for new connections at once; open ones are cut when the policy becomes `none`. Throws
   * `invalid-request/bad-egress`.
   */
  setEgress(policy: EgressPolicy): Promise<void>;
  readonly refusals: readonly EgressRefusal[];
  /** From now on it lives this long. Throws `invalid-request/lifetime-over` when it is gone already. */
  extend(remainingMs: number): Promise<void>;
  /**
   * Stops the sandbox between two commands, memory and files kept: it uses no processor until `resume`. Its lifetime
   * goes on. Idempotent. Throws `invalid-request/no-pause` where the provider can't.
   */
  pause(): Promise<void>;
  /** Idempotent; every other call on a paused sandbox resumes it first. */
  resume(): Promise<void>;
  /**
   * Keeps the workspace as it is between two commands, under a name for `SandboxSpec.snapshot`. It stays until
   * `deleteSnapshot`, also when the sandbox goes. Throws `invalid-request/no-snapshot` where the provider can't.
   */
  snapshot(): Promise<string>;
  /** A second sandbox of the same spec whose workspace starts as this one's is between two commands. */
  fork(): Promise<Sandbox>;
  info(): Promise<SandboxInfo>;
  /** Aborted when the sandbox is gone, for whatever reason. */
  readonly lost: AbortSignal;
  /** Idempotent. Throws `unavailable` when it cannot know whether the sandbox is gone. */
  destroy(): Promise<void>;
}

export type SandboxInfo = {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly state: "running" | "paused" | "ended";
  readonly createdAtMs: number;
  /** When its time is over. */
  readonly expiresAtMs: number;
};

export type ProbeReport = {
  readonly ok: boolean;
  /** What `create` would use; empty when `ok` is false. */
  readonly runtime: string;
  readonly weak: boolean;
  /** One line each: what was tried and what came of it. */
  readonly findings: readonly string[];
  /** Undefined when `ok` is false. */
  readonly capabilities?: Capabilities;
};

/** What makes sandboxes. */
export interface SandboxProvider {
  readonly name: string;
  /** Tries each runtime for real and remembers the answer. Throws `unavailable/engine-down` when no engine answers. */
  probe(): Promise<ProbeReport>;
  /**
   * Throws `invalid-request` (`bad-limits`, `bad-egress`, `requirement-not-met`, `no-such-snapshot`), `cancelled` and
   * `unavailable`. More processors than there are, are taken for all of them.
   */
  create(spec: SandboxSpec, options?: { readonly signal?: AbortSignal }): Promise<Sandbox>;
  /**
   * A sandbox made with `outlivesProcess`, also by a process that is dead. What ran in it is ended: its caller got
   * `lost`. Throws `invalid-request/no-such-sandbox`, and `invalid-request/in-use` while another process has it.
   */
  connect(id: string): Promise<Sandbox>;
  /** Throws `unavailable` when it cannot know. */
  list(labels: Readonly<Record<string, string>>): Promise<readonly SandboxInfo[]>;
  /** Throws `unavailable` when it cannot know. */
  destroy(id: string): Promise<"destroyed" | "already-gone">;
  /** Idempotent; sandboxes that started from it are not touched. Throws `unavailable` when it cannot know. */
  deleteSnapshot(name: string): Promise<void>;
  /** Gives back what is held between sandboxes, such as mounts of ready layers. Living sandboxes stay as they are. */
  close(): Promise<void>;
}
