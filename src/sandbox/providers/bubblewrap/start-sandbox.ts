import { randomUUID } from "node:crypto";
import type { Log } from "../../../log.ts";
import { furnish, throwIfCancelled } from "../../furnish.ts";
import type { Isolation, Sandbox, SandboxSpec } from "../../sandbox.ts";
import { Connection } from "../../wire-host/connection.ts";
import type { Dialler } from "../../wire-host/dialler.ts";
import { EgressGate } from "../../wire-host/egress-gate.ts";
import { untilGreeted } from "../../wire-host/greeting.ts";
import { released } from "../../wire-host/released.ts";
import { WireSandbox } from "../../wire-host/wire-sandbox.ts";
import { groupIn, makeGroup } from "./control-groups.ts";
import { endSandbox } from "./ending.ts";
import type { Host } from "./host.ts";
import type { HostRoot } from "./host-root.ts";
import { type Launched, launch } from "./launch.ts";
import { bwrapMachine } from "./machine.ts";
import type { ProcessId } from "./process-id.ts";
import type { Records, SandboxRecord } from "./records.ts";

export type StartOptions = {
  readonly host: Host;
  readonly root: HostRoot;
  readonly records: Records;
  /** This process. */
  readonly owner: ProcessId;
  readonly dialler: Dialler;
  readonly privateOrigins: readonly string[];
  readonly caBundle?: Uint8Array;
  readonly log: Log;
  readonly signal?: AbortSignal;
};

/** Makes a sandbox, waits for its guest and unpacks the layers. Leaves nothing behind when any of it fails. */
export async function startSandbox(spec: SandboxSpec, options: StartOptions): Promise<Sandbox> {
  const { signal } = options;
  throwIfCancelled(signal);
  return furnish(await bootSandbox(spec, options), spec.layers, spec, signal);
}

async function bootSandbox(spec: SandboxSpec, options: StartOptions): Promise<Sandbox> {
  const { host, root, records, dialler, privateOrigins, log, signal } = options;
  const planned = newRecord(spec, options);
  await records.write(planned);
  let launched: Launched | undefined;
  let connection: Connection | undefined;
  try {
    const { groups } = planned;
    for (const group of groups) await makeGroup(group, spec.limits);
    launched = await launch({ host, root, groups, limits: spec.limits });
    const record = { ...planned, init: launched.init };
    await records.write(record);
    const gate = new EgressGate({ dialler, privateOrigins, log });
    connection = new Connection(released(launched.output), launched.input, gate.accept);
    await untilGreeted(connection, launched.complaint, signal);
    return new WireSandbox({
      machine: bwrapMachine(record, records, launched.bwrap, isolationOf(options)),
      connection,
      gate,
      maxLifetimeMs: spec.maxLifetimeMs,
      labels: spec.labels,
      log,
      ...(options.caBundle === undefined ? {} : { caBundle: options.caBundle }),
    });
  } catch (error) {
    connection?.close("The sandbox did not start.");
    launched?.bwrap.kill("SIGKILL");
    const left = launched === undefined ? planned : { ...planned, init: launched.init };
    await endSandbox(left, records);
    throw error;
  }
}

function newRecord(spec: SandboxSpec, { host, owner }: StartOptions): SandboxRecord {
  const id = randomUUID();
  const createdAtMs = Date.now();
  return {
    id,
    labels: spec.labels,
    createdAtMs,
    expiresAtMs: createdAtMs + spec.maxLifetimeMs,
    owner,
    groups: host.hierarchies.map((hierarchy) => groupIn(hierarchy, id)),
  };
}

function isolationOf({ host, root }: StartOptions): Isolation {
  return {
    provider: "bubblewrap",
    runtime: host.bwrap,
    userNamespace: true,
    weak: true,
    imageDigest: root.digest,
    networkMode: "none",
  };
}
