import type { Log } from "../../../log.ts";
import type { SandboxSpec } from "../../sandbox.ts";
import type { Booted } from "./boot.ts";
import type { Image } from "./image.ts";
import { nextStep, type PoolStep } from "./pool-policy.ts";

/** What is settled for good when a container is made. */
export type PoolKind = Pick<SandboxSpec, "image" | "limits">;

export type PoolOptions = {
  /** The most that wait at the same time. */
  readonly size: number;
  boot(kind: PoolKind, signal: AbortSignal): Promise<Booted>;
  /** Whether the machine has better things to do. */
  isBusy(): boolean;
  readonly log: Log;
};

type Idle = { readonly booted: Booted; readonly sinceMs: number };
/** The one that is being made; `isTaken` once somebody waits for it. */
type Coming = {
  readonly name: string;
  readonly booted: Promise<Booted | undefined>;
  isTaken: boolean;
};
type Shelf = {
  readonly kind: PoolKind;
  wantedAtMs: number;
  failedUntilMs: number;
  idle: readonly Idle[];
};
type Waiting = PromiseWithResolvers<void> & { readonly name: string };

/** Whoever has just got his sandbox begins with it undisturbed. */
const AFTER_MS = 100;
/** When the machine was busy. */
const AGAIN_MS = 5_000;
/** When one could not be made: what is missing is missing for longer than a moment. */
const AFTER_FAILURE_MS = 60_000;

/**
 * Containers that run and wait, without a network and with nothing in them, each for one claim. They are of the kinds
 * that were asked for last, and made one at a time, while nobody waits for a sandbox.
 */
export class Pool {
  readonly #options: PoolOptions;
  readonly #shelves = new Map<string, Shelf>();
  readonly #closing = new AbortController();
  /** Those who want one of a kind to be ready. */
  #waiting: readonly Waiting[] = [];
  #coming: Coming | undefined;
  #creating = 0;
  #tending: Promise<void> | undefined;
  #again: NodeJS.Timeout | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Whether the container waits here. */
  has(id: string): boolean {
    return this.#all().some(({ booted }) => booted.machine.id === id);
  }

  /** One of this kind, made from exactly this image, if one is ready or coming. From now on the kind is kept ready. */
  async claim(kind: PoolKind, image: Image): Promise<Booted | undefined> {
    const shelf = this.#want(kind);
    const isFit = (booted: Booted | undefined) => booted?.image.digest === image.digest;
    const found = shelf.idle.find(({ booted }) => isFit(booted));
    shelf.idle = shelf.idle.filter((idle) => idle !== found);
    if (found !== undefined) return found.booted;
    const coming = this.#coming;
    if (coming?.name !== nameOf(kind) || coming.isTaken) return undefined;
    coming.isTaken = true;
    const booted = await coming.booted;
    if (booted === undefined || isFit(booted)) return booted;
    await this.#end(booted);
    return undefined;
  }

  /** While somebody waits for a sandbox, none is made ready; afterwards the pool makes up for what was taken. */
  async around<T>(create: () => Promise<T>): Promise<T> {
    this.#creating += 1;
    try {
      return await create();
    } finally {
      this.#creating -= 1;
      this.#tendLater(AFTER_MS);
    }
  }

  /** Resolves when one of this kind is ready, or there is no place for it; rejects when it can't be made. */
  async warm(kind: PoolKind): Promise<void> {
    if (this.#closing.signal.aborted || this.#want(kind).idle.length > 0) return;
    const waiting = { ...Promise.withResolvers<void>(), name: nameOf(kind) };
    this.#waiting = [...this.#waiting, waiting];
    this.#want(kind).failedUntilMs = 0; // whoever asks wants to hear it
    this.tend();
    return waiting.promise;
  }

  /** Makes ready what is missing and retires what is too many, in the background. */
  tend(): void {
    if (this.#tending !== undefined || this.#closing.signal.aborted) return;
    clearTimeout(this.#again);
    this.#tending = this.#tend().finally(() => {
      this.#tending = undefined;
      if (this.#shelves.size > 0) this.#tendLater(AGAIN_MS);
    });
  }

  #tendLater(afterMs: number): void {
    if (this.#closing.signal.aborted) return;
    clearTimeout(this.#again);
    this.#again = setTimeout(() => this.tend(), afterMs);
    this.#again.unref();
  }

  /** Ends all that wait. What was claimed stays as it is. */
  async close(): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#again);
    await this.#tending;
    const left = this.#all();
    this.#shelves.clear();
    await Promise.all(left.map(({ booted }) => this.#end(booted)));
  }

  #all(): readonly Idle[] {
    return [...this.#shelves.values()].flatMap(({ idle }) => idle);
  }

  #want({ image, limits }: PoolKind): Shelf {
    const kind = { image, limits };
    const fresh = { kind, wantedAtMs: 0, failedUntilMs: 0, idle: [] };
    const shelf = this.#shelves.get(nameOf(kind)) ?? fresh;
    shelf.wantedAtMs = Date.now();
    this.#shelves.set(nameOf(kind), shelf);
    return shelf;
  }

  async #tend(): Promise<void> {
    for (let step = this.#next(); step !== undefined; step = this.#next()) {
      if (step.do === "forget") this.#shelves.delete(step.kind);
      else if (step.do === "retire") await this.#retire(step.id);
      else if (this.#isBusy()) return;
      else await this.#add(step.kind);
    }
    for (const { resolve } of this.#waiting) resolve();
    this.#waiting = [];
  }

  #isBusy(): boolean {
    return this.#waiting.length === 0 && (this.#creating > 0 || this.#options.isBusy());
  }

  #next(): PoolStep | undefined {
    if (this.#closing.signal.aborted) return undefined;
    const kinds = [...this.#shelves].map(([kind, { wantedAtMs, failedUntilMs, idle }]) => ({
      kind,
      wantedAtMs,
      failedUntilMs,
      idle: idle.map(({ booted, sinceMs }) => ({ id: booted.machine.id, sinceMs })),
    }));
    return nextStep(kinds, this.#options.size, Date.now());
  }

  /** Whoever creates a sandbox of this kind meets the same problem, and is told. */
  #fail(shelf: Shelf, error: unknown): void {
    this.#options.log.debug({ error: String(error) }, "no sandbox could be made ready");
    shelf.failedUntilMs = Date.now() + AFTER_FAILURE_MS;
    const name = nameOf(shelf.kind);
    for (const waiting of this.#waiting) if (waiting.name === name) waiting.reject(error);
    this.#waiting = this.#waiting.filter((waiting) => waiting.name !== name);
  }

  async #add(name: string): Promise<void> {
    const shelf = this.#shelves.get(name);
    if (shelf === undefined) return;
    const booting = this.#options.boot(shelf.kind, this.#closing.signal);
    const coming = { name, booted: booting.catch(() => undefined), isTaken: false };
    this.#coming = coming;
    try {
      const booted = await booting;
      if (coming.isTaken) return;
      const idle = { booted, sinceMs: Date.now() };
      shelf.idle = [...shelf.idle, idle];
      void booted.connection.closed.then(() => this.#drop(shelf, idle));
    } catch (error) {
      this.#fail(shelf, error);
    } finally {
      this.#coming = undefined;
    }
  }

  async #retire(id: string): Promise<void> {
    for (const shelf of this.#shelves.values()) {
      const idle = shelf.idle.find(({ booted }) => booted.machine.id === id);
      if (idle !== undefined) await this.#drop(shelf, idle);
    }
  }

  /** One that was claimed meanwhile is none of the pool's business any more. */
  async #drop(shelf: Shelf, idle: Idle): Promise<void> {
    if (!shelf.idle.includes(idle)) return;
    shelf.idle = shelf.idle.filter((other) => other !== idle);
    await this.#end(idle.booted);
  }

  async #end(booted: Booted): Promise<void> {
    booted.connection.close("Nobody claimed it.");
    try {
      await booted.machine.remove();
    } catch (error) {
      // It belongs to a process; once that is over, the reaper of the next one finds it.
      this.#options.log.warn({ sandbox: booted.machine.id, error: String(error) }, "not removed");
    }
  }
}

function nameOf({ image, limits }: PoolKind): string {
  const { cpus, memoryMiB, pids, workspaceMiB } = limits;
  return JSON.stringify([image, cpus, memoryMiB, pids, workspaceMiB]);
}
