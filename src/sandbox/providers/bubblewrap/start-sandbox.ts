import { randomUUID } from "node:crypto";
import { Failure } from "../../../errors.ts";
import type { Log } from "../../../log.ts";
import type { Isolation, Sandbox, SandboxSpec } from "../../sandbox.ts";
import { unpackLayer } from "../../unpack-layer.ts";
import { Connection } from "../../wire-host/connection.ts";
import type { Dialler } from "../../wire-host/dialler.ts";
import { EgressGate } from "../../wire-host/egress-gate.ts";
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

const HELLO_TIMEOUT_MS = 30_000;

/** Makes a sandbox, waits for its guest and unpacks the layers. Leaves nothing behind when any of it fails. */
export async function startSandbox(spec: SandboxSpec, options: StartOptions): Promise<Sandbox> {
  const { signal } = options;
  throwIfCancelled(signal);
  const sandbox = await bootSandbox(spec, options);
  try {
    for (const layer of spec.layers) {
      throwIfCancelled(signal);
      await unpackLayer(sandbox, layer, signal === undefined ? {} : { signal });
    }
    await sandbox.setEgress(spec.egress);
    throwIfCancelled(signal);
    return sandbox;
  } catch (error) {
    await sandbox.destroy();
    throwIfCancelled(signal);
    throw error;
  }
}

async function bootSandbox(spec: SandboxSpec, options: StartOptions): Promise<Sandbox> {
  const { host, root, records, log, signal } = options;
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
    const gate = createGate(options);
    connection = new Connection(launched.output, launched.input, gate.egress.accept);
    await greeting(connection, launched, signal);
    return new WireSandbox({
      machine: bwrapMachine(record, records, launched.bwrap, isolationOf(options)),
      connection,
      gate: gate.egress,
      maxLifetimeMs: spec.maxLifetimeMs,
      labels: spec.labels,
      onCommand: gate.onCommand,
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

function createGate({ dialler, privateOrigins, log }: StartOptions): {
  readonly egress: EgressGate;
  readonly onCommand: (command: string) => void;
} {
  let command = "";
  const egress = new EgressGate({
    policy: { mode: "none" },
    privateOrigins,
    dialler,
    currentCommand: () => command,
    log,
  });
  const onCommand = (text: string) => {
    command = text;
  };
  return { egress, onCommand };
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

async function greeting(
  connection: Connection,
  { complaint }: Launched,
  signal: AbortSignal | undefined,
): Promise<void> {
  const timeout = AbortSignal.timeout(HELLO_TIMEOUT_MS);
  const expiry = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
  const expired = new Promise<string>((resolve) => {
    expiry.addEventListener("abort", () => resolve("It did not answer in time."));
  });
  const problem = await Promise.race([connection.ready, connection.closed, expired]);
  if (problem === undefined) return;
  throwIfCancelled(signal);
  throw new Failure(
    "unavailable",
    "sandbox-not-started",
    `The sandbox's guest did not start. ${problem} ${complaint()}`.trim(),
  );
}

function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) {
    throw new Failure("cancelled", "create-cancelled", "The sandbox was not wanted any more.");
  }
}
