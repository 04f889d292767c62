import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Sandbox, SandboxInfo, SandboxSpec } from "../../../../src/sandbox/sandbox.ts";

/** What the engine of an honest provider knows of a sandbox; providers of one engine see the same. */
export type Machine = {
  readonly id: string;
  readonly spec: SandboxSpec;
  /** Holds the folders that stand for those of `PLACES`. */
  readonly root: string;
  readonly createdAtMs: number;
  expiresAtMs: number;
  state: SandboxInfo["state"];
  /** The process that has it; undefined when that is dead. */
  owner: object | undefined;
  /** Ends the sandbox where it is used. */
  end: () => void;
  readonly sandbox?: Sandbox;
};

/** The folders that commands can write to, and where a machine has them. */
export const PLACES = {
  "/workspace": "workspace",
  "/tmp": "tmp",
  "/home/job": "home",
  "/dev/shm": "shm",
} as const;

/** Keeps machines and snapshots as folders of this machine, which it isolates from nothing. */
export class HonestEngine implements AsyncDisposable {
  readonly machines = new Map<string, Machine>();
  readonly snapshots = new Map<string, string>();
  readonly keys = new Map<string, Promise<Sandbox>>();
  readonly #folder = mkdtemp(join(tmpdir(), "conformance-"));

  async newMachine(spec: SandboxSpec, owner: object): Promise<Machine> {
    const id = randomUUID();
    const root = join(await this.#folder, id);
    for (const name of Object.values(PLACES)) await mkdir(join(root, name), { recursive: true });
    const expiresAtMs = Date.now() + spec.maxLifetimeMs;
    const times = { createdAtMs: Date.now(), expiresAtMs };
    const machine: Machine = { id, spec, root, ...times, state: "running", owner, end: () => {} };
    this.machines.set(id, machine);
    return machine;
  }

  async takeSnapshot({ root }: Machine): Promise<string> {
    const name = `snapshot-${randomUUID()}`;
    const folder = join(await this.#folder, name);
    await copy(join(root, "workspace"), folder);
    this.snapshots.set(name, folder);
    return name;
  }

  /** Whoever was the owner is dead: what doesn't outlive it is ended, but still known. */
  ownerDied(owner: object): void {
    for (const machine of [...this.machines.values()].filter((one) => one.owner === owner)) {
      machine.owner = undefined;
      machine.end();
      if (machine.spec.outlivesProcess === true) machine.state = "running";
      else machine.state = "ended";
      this.machines.set(machine.id, machine);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const machine of this.machines.values()) machine.end();
    await rm(await this.#folder, { recursive: true, force: true });
  }
}

export async function copy(from: string, to: string): Promise<void> {
  const child = spawn("cp", ["-a", "-T", from, to], { stdio: "ignore" });
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`cp ended with ${code}.`);
}
