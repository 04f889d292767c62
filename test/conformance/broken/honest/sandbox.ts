import { Failure } from "../../../../src/errors.ts";
import type { ExecOptions, ExecResult, Sandbox } from "../../../../src/sandbox/sandbox.ts";
import { createTurns } from "../../../../src/sandbox/wire-host/turns.ts";
import { EGRESS_CLIENT } from "../../egress-client.ts";
import type { Outside } from "../../outside.ts";
import { PROBE_NAME } from "../../shell.ts";
import { answered, HonestEgress } from "./egress.ts";
import type { HonestEngine, Machine } from "./engine.ts";
import { honestFiles } from "./files.ts";
import { answerProbe } from "./probes.ts";
import { type Ground, run } from "./run.ts";

const JOB_ENV = { LANG: "C.UTF-8", CI: "1" };

/** A sandbox that keeps every promise which needs no wall: its commands run here, in folders of their own. */
export class HonestSandbox implements Sandbox {
  readonly id: string;
  readonly isolation = {
    provider: "honest",
    runtime: "none",
    userNamespace: false,
    weak: true,
    imageDigest: "",
    networkMode: "none",
  } as const;
  readonly lost: AbortSignal;
  readonly readFile: Sandbox["readFile"];
  readonly writeFiles: Sandbox["writeFiles"];
  readonly uploadTar: Sandbox["uploadTar"];
  readonly downloadTar: Sandbox["downloadTar"];
  readonly #machine: Machine;
  readonly #engine: HonestEngine;
  readonly #fork: () => Promise<Sandbox>;
  readonly #egress: HonestEgress;
  readonly #ground: Ground;
  readonly #takeTurn = createTurns();
  readonly #gone = new AbortController();
  #lifetime: NodeJS.Timeout | undefined;

  constructor(
    machine: Machine,
    engine: HonestEngine,
    outside: Outside,
    fork: () => Promise<Sandbox>,
  ) {
    this.#machine = machine;
    this.#engine = engine;
    this.#fork = fork;
    this.#egress = new HonestEgress(outside);
    this.id = machine.id;
    this.lost = this.#gone.signal;
    const { root, spec } = machine;
    this.#ground = { root, lost: this.lost };
    const exec: Sandbox["exec"] = (argv, options) => this.exec(argv, options);
    const files = honestFiles(root, spec.limits.workspaceMiB, exec, () => this.#requireUnlost());
    this.readFile = this.#resuming(files.readFile);
    this.writeFiles = this.#resuming(files.writeFiles);
    this.uploadTar = files.uploadTar;
    this.downloadTar = files.downloadTar;
    machine.end = () => this.#end();
    this.#limit(machine.expiresAtMs - Date.now());
  }

  get refusals() {
    return this.#egress.refusals;
  }

  async exec(argv: readonly string[], options: ExecOptions): Promise<ExecResult> {
    const { signal } = options;
    const neverRan = answered("", { end: "killed" });
    let hasStarted = false;
    const turn = this.#takeTurn(async () => {
      if (signal?.aborted) return neverRan;
      hasStarted = true;
      if (this.lost.aborted) return answered("", { end: "lost" });
      this.#wake();
      return this.#run(argv, options);
    });
    const givenUp = new Promise<ExecResult>((resolve) => {
      signal?.addEventListener("abort", () => !hasStarted && resolve(neverRan));
    });
    return Promise.race([turn, givenUp]);
  }

  #run(argv: readonly string[], options: ExecOptions): Promise<ExecResult> {
    if (argv[2] === EGRESS_CLIENT) return this.#egress.exec(argv, options);
    if (argv[3] === PROBE_NAME) return answerProbe(argv[2] ?? "", options);
    return run(this.#ground, argv, { ...options, env: { ...JOB_ENV, ...options.env } });
  }

  #resuming<A extends unknown[], R>(call: (...args: A) => Promise<R>): (...args: A) => Promise<R> {
    return (...args) => {
      this.#wake();
      return call(...args);
    };
  }

  async setEgress(policy: HonestEgress["policy"]): Promise<void> {
    this.#egress.setPolicy(policy);
  }

  async extend(remainingMs: number): Promise<void> {
    if (!(remainingMs > 0)) throw invalid("bad-lifetime", "That is no time.");
    this.#requireAlive();
    this.#limit(remainingMs);
  }

  pause(): Promise<void> {
    return this.#takeTurn(async () => {
      this.#requireAlive();
      this.#machine.state = "paused";
    });
  }

  resume(): Promise<void> {
    return this.#takeTurn(async () => this.#wake());
  }

  snapshot(): Promise<string> {
    return this.#takeTurn(async () => {
      this.#wake();
      return this.#engine.takeSnapshot(this.#machine);
    });
  }

  fork(): Promise<Sandbox> {
    return this.#takeTurn(() => {
      this.#wake();
      return this.#fork();
    });
  }

  async info() {
    const { id, spec, createdAtMs, expiresAtMs } = this.#machine;
    const state = this.lost.aborted ? "ended" : this.#machine.state;
    return { id, labels: spec.labels, state, createdAtMs, expiresAtMs } as const;
  }

  async destroy(): Promise<void> {
    this.#engine.machines.delete(this.id);
    this.#end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.destroy();
  }

  #wake(): void {
    if (this.#machine.state === "paused") this.#machine.state = "running";
  }

  #limit(ms: number): void {
    clearTimeout(this.#lifetime);
    this.#machine.expiresAtMs = Date.now() + ms;
    this.#lifetime = setTimeout(() => void this.destroy(), ms);
  }

  #end(): void {
    clearTimeout(this.#lifetime);
    if (this.lost.aborted) return;
    this.#gone.abort(new Failure("unavailable", "sandbox-lost", "The sandbox is gone."));
  }

  #requireAlive(): void {
    if (this.lost.aborted) throw invalid("lifetime-over", "The sandbox is gone.");
  }

  #requireUnlost(): void {
    if (this.lost.aborted) throw this.lost.reason;
  }
}

function invalid(code: string, message: string): Failure {
  return new Failure("invalid-request", code, message);
}
