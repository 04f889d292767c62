import { Failure } from "../../errors.ts";
import type { Log } from "../../log.ts";
import { type EgressPolicy, type EgressRefusal, egressEnv } from "../egress.ts";
import { checkEgress } from "../egress-origin.ts";
import {
  type ExecOptions,
  type ExecResult,
  type FileWrite,
  type Isolation,
  type Sandbox,
  type SandboxInfo,
  WORKSPACE,
} from "../sandbox.ts";
import type { Connection } from "./connection.ts";
import type { EgressGate } from "./egress-gate.ts";
import { execOverWire } from "./exec.ts";
import { downloadTar, type RunTool, readFile, uploadTar, writeFiles } from "./files.ts";
import { certificateEnv, HOST_CERTIFICATES, JOB_ENV } from "./job-env.ts";
import { createTurns } from "./turns.ts";

/** What a provider knows of a sandbox beyond its wire. */
export type Machine = {
  readonly id: string;
  readonly isolation: Isolation;
  /** Asked once the wire has closed by itself: whether memory was why. Never rejects, and answers soon. */
  causeOfLoss(): Promise<"oom" | "lost">;
  /** Idempotent. Throws `unavailable` when it cannot know whether the machine is gone. */
  remove(): Promise<void>;
  /** Stops and starts all of its processes; left out where the provider can't. */
  readonly freezer?: { freeze(): Promise<void>; thaw(): Promise<void> };
  /** Called between two commands; left out where the provider can't. */
  readonly snapshots?: { take(): Promise<string>; fork(): Promise<Sandbox> };
};

export type WireSandboxOptions = {
  readonly machine: Machine;
  readonly connection: Connection;
  readonly gate: EgressGate;
  readonly maxLifetimeMs: number;
  readonly labels: Readonly<Record<string, string>>;
  /** Of the image, for every command; goes before its usual environment. */
  readonly imageEnv?: Readonly<Record<string, string>>;
  /** Certificates that commands trust while they may reach something. */
  readonly caBundle?: Uint8Array;
  /** When it isn't now: the machine was made by another process. */
  readonly createdAtMs?: number;
  /** Told when its time is over from now on; what it can't pass on fails `extend`. */
  readonly onExtend?: (expiresAtMs: number) => Promise<void>;
  readonly log: Log;
};

/** For one of our own programs, which only moves files. */
const TOOL_TIMEOUT_MS = 30 * 60_000;
const MAX_LIFETIME_MS = 2 ** 31 - 1;

/** A sandbox at the other end of a wire, whatever machine it is. */
export class WireSandbox implements Sandbox {
  readonly id: string;
  readonly isolation: Isolation;
  readonly lost: AbortSignal;

  readonly #options: WireSandboxOptions;
  readonly #takeTurn = createTurns();
  readonly #lost = new AbortController();
  readonly #createdAtMs: number;
  #lifetime: NodeJS.Timeout | undefined;
  #expiresAtMs = Number.POSITIVE_INFINITY;
  #isPaused = false;
  #cause: Promise<"oom" | "lost"> | undefined;
  #removal: Promise<void> | undefined;
  #hasCertificates = false;

  constructor(options: WireSandboxOptions) {
    this.#options = options;
    this.id = options.machine.id;
    this.isolation = options.machine.isolation;
    this.lost = this.#lost.signal;
    const { connection, labels, log, maxLifetimeMs, createdAtMs = Date.now() } = options;
    this.#createdAtMs = createdAtMs;
    // The engine's own labels name no run on what was claimed from the pool.
    log.debug({ sandbox: this.id, labels }, "sandbox begun");
    this.#limitLifetime(maxLifetimeMs);
    void connection.closed.then((reason) => this.#end(reason));
  }

  get refusals(): readonly EgressRefusal[] {
    return this.#options.gate.refusals;
  }

  async exec(argv: readonly string[], options: ExecOptions): Promise<ExecResult> {
    const { signal } = options;
    let hasStarted = false;
    const turn = this.#takeTurn(async () => {
      if (signal?.aborted) return neverRan;
      hasStarted = true;
      await this.#thaw();
      return await this.#run(argv, options);
    });
    if (signal === undefined) return turn;
    // A command that still waits for its turn ends at once; one that runs is ended by its guest.
    const given = Promise.withResolvers<ExecResult>();
    const giveUp = () => {
      if (!hasStarted) given.resolve(neverRan);
    };
    signal.addEventListener("abort", giveUp);
    try {
      return await Promise.race([turn, given.promise]);
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
  }

  async #run(argv: readonly string[], options: ExecOptions): Promise<ExecResult> {
    const { connection, gate, imageEnv } = this.#options;
    gate.command = argv.join(" ");
    const isOnline = gate.policy.mode === "allow";
    const wayOut = {
      ...(isOnline ? egressEnv() : {}),
      ...(isOnline && this.#hasCertificates ? certificateEnv() : {}),
    };
    const command = {
      ...options,
      argv,
      cwd: options.cwd ?? WORKSPACE,
      env: { ...JOB_ENV, ...imageEnv, ...wayOut, ...options.env },
    };
    try {
      return await execOverWire(connection, command, () => this.#causeOfLoss());
    } finally {
      gate.command = "";
    }
  }

  readonly #tool: RunTool = (argv, options) =>
    this.exec(argv, { ...options, cwd: "/", timeoutMs: TOOL_TIMEOUT_MS });

  readFile(path: string, options: { readonly maxBytes: number }): Promise<Uint8Array> {
    return readFile(this.#tool, path, options.maxBytes);
  }

  writeFiles(files: readonly FileWrite[]): Promise<void> {
    return writeFiles(this.#tool, files);
  }

  uploadTar(folder: string, tar: AsyncIterable<Uint8Array>): Promise<void> {
    return uploadTar(this.#tool, folder, tar);
  }

  downloadTar(
    folder: string,
    paths: readonly string[],
    options: { readonly maxBytes: number },
  ): AsyncIterable<Uint8Array> {
    return downloadTar(this.#tool, folder, paths, options.maxBytes);
  }

  async setEgress(policy: EgressPolicy): Promise<void> {
    const { caBundle, gate } = this.#options;
    checkEgress(policy);
    gate.setPolicy(policy);
    if (policy.mode === "none" || caBundle === undefined || this.#hasCertificates) return;
    await this.writeFiles([{ path: HOST_CERTIFICATES, data: caBundle }]);
    this.#hasCertificates = true;
  }

  async extend(remainingMs: number): Promise<void> {
    if (!(remainingMs > 0)) {
      throw new Failure(
        "invalid-request",
        "bad-lifetime",
        "Give a sandbox more than 0 ms to live.",
      );
    }
    this.#requireAlive();
    this.#limitLifetime(remainingMs);
    await this.#options.onExtend?.(this.#expiresAtMs);
  }

  pause(): Promise<void> {
    const { connection, machine } = this.#options;
    return this.#takeTurn(async () => {
      this.#requireAlive();
      if (machine.freezer === undefined) throw unsupported("pause");
      if (this.#isPaused) return;
      connection.suspend();
      this.#isPaused = true;
      await machine.freezer.freeze();
    });
  }

  resume(): Promise<void> {
    return this.#takeTurn(async () => {
      this.#requireAlive();
      await this.#thaw();
    });
  }

  snapshot(): Promise<string> {
    return this.#takeTurn(() => this.#snapshots().then((snapshots) => snapshots.take()));
  }

  fork(): Promise<Sandbox> {
    return this.#takeTurn(() => this.#snapshots().then((snapshots) => snapshots.fork()));
  }

  async info(): Promise<SandboxInfo> {
    const state = this.lost.aborted ? "ended" : this.#isPaused ? "paused" : "running";
    const { labels } = this.#options;
    const times = { createdAtMs: this.#createdAtMs, expiresAtMs: this.#expiresAtMs };
    return { id: this.id, labels, state, ...times };
  }

  async #snapshots(): Promise<NonNullable<Machine["snapshots"]>> {
    const { snapshots } = this.#options.machine;
    if (snapshots === undefined) throw unsupported("snapshot");
    this.#requireAlive();
    await this.#thaw();
    return snapshots;
  }

  async #thaw(): Promise<void> {
    if (!this.#isPaused || this.lost.aborted) return;
    await this.#options.machine.freezer?.thaw();
    this.#isPaused = false;
    this.#options.connection.wake();
  }

  #requireAlive(): void {
    if (!this.lost.aborted) return;
    throw new Failure("invalid-request", "lifetime-over", "The sandbox is gone; create another.");
  }

  #limitLifetime(remainingMs: number): void {
    const ms = Math.min(remainingMs, MAX_LIFETIME_MS);
    const { connection } = this.#options;
    clearTimeout(this.#lifetime);
    this.#expiresAtMs = Date.now() + ms;
    this.#lifetime = setTimeout(() => connection.close("The sandbox's time is over."), ms);
  }

  async destroy(): Promise<void> {
    this.#cause ??= Promise.resolve("lost");
    // A guest that stands still could not end by itself; if it can't be woken, the removal ends it.
    await this.#thaw().catch(() => {});
    this.#options.connection.close("The sandbox was destroyed.");
    return this.#remove();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.destroy();
  }

  #causeOfLoss(): Promise<"oom" | "lost"> {
    this.#cause ??= this.#options.machine.causeOfLoss();
    return this.#cause;
  }

  async #remove(): Promise<void> {
    this.#removal ??= this.#options.machine.remove();
    try {
      await this.#removal;
    } catch (error) {
      this.#removal = undefined; // the next try may succeed
      throw error;
    }
  }

  async #end(reason: string): Promise<void> {
    const { gate, log } = this.#options;
    clearTimeout(this.#lifetime);
    gate.cutAll();
    const cause = this.#causeOfLoss();
    this.#lost.abort(new Failure("unavailable", "sandbox-lost", reason));
    log.debug({ sandbox: this.id, reason, cause: await cause }, "sandbox ended");
    try {
      await this.#remove();
    } catch (error) {
      log.warn({ sandbox: this.id, error: String(error) }, "sandbox not removed");
    }
  }
}

function unsupported(what: "pause" | "snapshot"): Failure {
  const message = `This provider has no ${what}; ask for one that has it with \`require\`.`;
  return new Failure("invalid-request", `no-${what}`, message);
}

const NO_BYTES = new Uint8Array(0);

const neverRan: ExecResult = {
  end: "killed",
  exitCode: null,
  signal: null,
  stdout: NO_BYTES,
  stderr: NO_BYTES,
  droppedBytes: 0,
  durationMs: 0,
};
