import { Failure } from "../../../../src/errors.ts";
import { type Capabilities, meetRequirements } from "../../../../src/sandbox/capabilities.ts";
import type { Sandbox, SandboxProvider, SandboxSpec } from "../../../../src/sandbox/sandbox.ts";
import type { Outside } from "../../outside.ts";
import { copy, type HonestEngine, type Machine } from "./engine.ts";
import { HonestSandbox } from "./sandbox.ts";

/** All of it, so that every law is asked. */
export const HONEST_CAPABILITIES: Capabilities = {
  isolation: "container",
  emulated: false,
  pause: true,
  snapshot: true,
  reconnect: true,
  limits: ["cpus", "memoryMiB", "pids", "workspaceMiB"],
};

/** Keeps every promise of the port that needs no wall; `capabilities` may leave some of it away. */
export function createHonestProvider(
  engine: HonestEngine,
  outside: Outside,
  capabilities: Capabilities = HONEST_CAPABILITIES,
): SandboxProvider {
  const self: SandboxProvider = {
    name: "honest",
    probe: async () => ({ ok: true, runtime: "none", weak: true, findings: [], capabilities }),
    async create(spec, { signal } = {}) {
      meetRequirements("honest", capabilities, spec.require);
      const { key } = spec;
      if (key === undefined) return make(spec, signal);
      const making = Promise.resolve(engine.keys.get(key)).then((known) =>
        known?.lost.aborted === false ? known : make(spec, signal),
      );
      engine.keys.set(key, making);
      return making;
    },
    async connect(id) {
      const machine = engine.machines.get(id);
      if (machine?.spec.outlivesProcess !== true)
        throw invalid("no-such-sandbox", "There is none.");
      if (machine.owner !== undefined) throw invalid("in-use", "Somebody has it.");
      machine.owner = self;
      return put(machine);
    },
    async list(labels) {
      const all = [...engine.machines.values()];
      return all
        .filter(({ spec }) =>
          Object.entries(labels).every(([name, value]) => spec.labels[name] === value),
        )
        .map(({ id, spec, state, createdAtMs, expiresAtMs }) => {
          return { id, labels: spec.labels, state, createdAtMs, expiresAtMs };
        });
    },
    async destroy(id) {
      const machine = engine.machines.get(id);
      if (machine === undefined) return "already-gone";
      engine.machines.delete(id);
      machine.end();
      return "destroyed";
    },
    async deleteSnapshot(name) {
      engine.snapshots.delete(name);
    },
    close: async () => {},
  };

  async function make(spec: SandboxSpec, signal: AbortSignal | undefined): Promise<Sandbox> {
    cancelIf(signal);
    if (spec.image !== "node") throw invalid("no-such-image", "There is no such image.");
    const snapshot = spec.snapshot === undefined ? "" : engine.snapshots.get(spec.snapshot);
    if (snapshot === undefined) throw invalid("no-such-snapshot", "There is no such snapshot.");
    const machine = await engine.newMachine(spec, self);
    if (snapshot !== "") await copy(snapshot, `${machine.root}/workspace`);
    const sandbox = put(machine);
    try {
      for (const { into, open } of spec.layers) await sandbox.uploadTar(into, open());
      await sandbox.setEgress(spec.egress);
      cancelIf(signal);
      return sandbox;
    } catch (error) {
      await sandbox.destroy();
      throw error;
    }
  }

  function put(machine: Machine): Sandbox {
    return new HonestSandbox(machine, engine, outside, async () => {
      const { key, ...spec } = machine.spec;
      const snapshot = await engine.takeSnapshot(machine);
      return make({ ...spec, layers: [], snapshot }, undefined);
    });
  }

  return self;
}

function cancelIf(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new Failure("cancelled", "create-cancelled", "Nobody wants it.");
}

function invalid(code: string, message: string): Failure {
  return new Failure("invalid-request", code, message);
}
