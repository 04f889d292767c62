import { randomBytes } from "node:crypto";
import { Failure } from "../../../errors.ts";
import type { Log } from "../../../log.ts";
import { furnish, throwIfCancelled } from "../../furnish.ts";
import type { Isolation, Sandbox, SandboxSpec } from "../../sandbox.ts";
import type { Connection } from "../../wire-host/connection.ts";
import type { Dialler } from "../../wire-host/dialler.ts";
import { EgressGate } from "../../wire-host/egress-gate.ts";
import { type Machine, WireSandbox } from "../../wire-host/wire-sandbox.ts";
import { pickUser } from "./confinement.ts";
import { awaitGuest, meetAgain } from "./greeting.ts";
import {
  bootMachine,
  clockWords,
  type MachinePlan,
  notStarted,
  type Place,
  type RunningMachine,
  resumeMachine,
} from "./machine.ts";
import { addMachine, type MachineRecord, removeMachine, writeRecord } from "./records.ts";
import type { Template } from "./template.ts";

export type StartOptions = {
  readonly plan: MachinePlan;
  readonly isolation: Isolation;
  /** Where machines have their folders. */
  readonly machines: string;
  /** Undefined when it has to boot. */
  readonly template: Template | undefined;
  /** The disk that its workspace starts as a copy of. */
  readonly workspace: string;
  readonly kvmGroup: number | undefined;
  readonly helloTimeoutMs: number;
  readonly dialler: Dialler;
  readonly privateOrigins: readonly string[];
  readonly caBundle?: Uint8Array;
  readonly log: Log;
  readonly signal?: AbortSignal;
  readonly snapshots: (machine: RunningMachine) => NonNullable<Machine["snapshots"]>;
};

/** Bytes that the kernel's random generator takes in at once. */
const ENTROPY_BYTES = 64;
const CAUSE_TIMEOUT_MS = 1_000;

/** Makes a machine and unpacks the layers. Leaves nothing behind when any of it fails. */
export async function startMicrovm(spec: SandboxSpec, options: StartOptions): Promise<Sandbox> {
  const { signal } = options;
  throwIfCancelled(signal);
  return furnish(await openSandbox(spec, options), spec.layers, spec, signal);
}

/** A place for one more machine; as root, with a user that no other has. */
export async function makePlace(
  machines: string,
  spec: Pick<SandboxSpec, "labels" | "maxLifetimeMs">,
  kvmGroup: number | undefined,
): Promise<Place> {
  const now = Date.now();
  const about = { labels: spec.labels, createdAtMs: now, expiresAtMs: now + spec.maxLifetimeMs };
  const user = process.getuid?.() === 0 ? pickUser(Math.random(), kvmGroup) : undefined;
  return { ...(await addMachine(machines, about)), user };
}

async function openSandbox(spec: SandboxSpec, options: StartOptions): Promise<Sandbox> {
  const { machines, dialler, privateOrigins, caBundle, log, kvmGroup } = options;
  const gate = new EgressGate({ privateOrigins, dialler, log });
  const place = await makePlace(machines, spec, kvmGroup);
  let running: RunningMachine | undefined;
  try {
    running = await startMachine(place, options);
    const connection = await connect(running, gate, options);
    const entropy = randomBytes(ENTROPY_BYTES).toString("hex");
    await running.orders.give(`start ${spec.limits.pids} ${clockWords(Date.now())} ${entropy}`);
    throwIfCancelled(options.signal);
    const keep = recordKeeper(running.place);
    return new WireSandbox({
      machine: asMachine(running, keep, options),
      connection,
      gate,
      maxLifetimeMs: spec.maxLifetimeMs,
      labels: spec.labels,
      onExtend: (expiresAtMs) => keep({ expiresAtMs }),
      log,
      ...(caBundle === undefined ? {} : { caBundle }),
    });
  } catch (error) {
    await running?.qemu.kill();
    await removeMachine(machines, place.record.id);
    throwIfCancelled(options.signal);
    if (error instanceof Failure) throw error;
    throw notStarted(String(error), error);
  }
}

function startMachine(place: Place, options: StartOptions): Promise<RunningMachine> {
  const { plan, template, workspace } = options;
  if (template === undefined) return bootMachine(plan, place, workspace, "private");
  return resumeMachine(plan, place, workspace, template);
}

async function connect(
  { qemu }: RunningMachine,
  gate: EgressGate,
  { template, helloTimeoutMs, signal }: StartOptions,
): Promise<Connection> {
  if (template !== undefined) return meetAgain(qemu.wire, gate.accept, template.greeting);
  return (await awaitGuest(qemu.wire, gate.accept, helloTimeoutMs, signal)).connection;
}

type RecordKeeper = (
  change: Partial<Pick<MachineRecord, "expiresAtMs" | "isPaused">>,
) => Promise<void>;

/** Writes down what changes in a machine's life, for other processes. */
function recordKeeper({ folder, record }: Place): RecordKeeper {
  let current = record;
  return (change) => {
    current = { ...current, ...change };
    return writeRecord(folder, current);
  };
}

function asMachine(running: RunningMachine, keep: RecordKeeper, options: StartOptions): Machine {
  const { qemu, monitor, orders, place } = running;
  const { record } = place;
  return {
    id: record.id,
    isolation: options.isolation,
    async causeOfLoss() {
      // The machine ends right after its guest; what it said about that is here by then.
      const late = new Promise((resolve) => setTimeout(resolve, CAUSE_TIMEOUT_MS).unref());
      await Promise.race([qemu.ended, late]);
      return (orders.memoryKills() ?? 0) > 0 ? "oom" : "lost";
    },
    async remove() {
      await qemu.kill();
      await removeMachine(options.machines, record.id);
    },
    freezer: {
      async freeze() {
        await monitor.run("stop");
        await keep({ isPaused: true });
      },
      async thaw() {
        await monitor.run("cont");
        await orders.give(`clock ${clockWords(Date.now())}`);
        await keep({ isPaused: false });
      },
    },
    snapshots: options.snapshots(running),
  };
}

export function isolationOf(accelerator: "kvm" | "tcg", imageDigest: string): Isolation {
  return {
    provider: "microvm",
    runtime: `qemu-${accelerator}`,
    userNamespace: false,
    weak: accelerator === "tcg",
    imageDigest,
    networkMode: "none",
  };
}
