import type Docker from "dockerode";
import { Failure } from "../../../errors.ts";
import type { Sandbox } from "../../sandbox.ts";
import { type Machine, WireSandbox } from "../../wire-host/wire-sandbox.ts";
import { type KeptRecord, noSuchSandbox } from "../kept/kept-sandboxes.ts";
import { bindBy, machineWith } from "./boot.ts";
import { ENGINE_TIMEOUT_MS, statusOf, withinMs } from "./engine-error.ts";
import type { KeptPlace } from "./kept-place.ts";
import { containerMachine } from "./machine.ts";
import { type OpenWire, openWire, type WireSettings } from "./open-wire.ts";
import { wake } from "./stand-still.ts";
import { snapshotsOf } from "./start-sandbox.ts";
import type { Workspaces } from "./workspaces/workspaces.ts";

export type ReattachOptions = WireSettings & {
  readonly docker: Docker;
  readonly kept: KeptPlace;
  readonly workspaces?: Workspaces;
  readonly onGone: (id: string) => Promise<void>;
};

/**
 * Takes over a sandbox whose process is dead: what ran in it is ended, and it has no way out until it is given one.
 * What isn't alive any more is removed. Throws `invalid-request/no-such-sandbox`.
 */
export async function reattach(record: KeptRecord, options: ReattachOptions): Promise<Sandbox> {
  const { docker, kept } = options;
  const { id, labels, createdAtMs, expiresAtMs, isReady, imageEnv } = record;
  const container = docker.getContainer(id);
  const found = await lookAt(container);
  const workspace = await options.workspaces?.adopt(found?.Config.Labels ?? {});
  const machine = machineWith(containerMachine(container, record.isolation), workspace, options);
  const maxLifetimeMs = expiresAtMs - Date.now();
  const state = found?.State;
  if (!isReady || state?.Running !== true || maxLifetimeMs <= 0) {
    await machine.remove();
    throw noSuchSandbox(id);
  }
  const wire = await takeOver(container, machine, state.Paused, options);
  wire.connection.keep(kept.token, maxLifetimeMs);
  const { log, caBundle } = options;
  return new WireSandbox({
    ...wire,
    machine:
      workspace === undefined
        ? machine
        : { ...machine, snapshots: snapshotsOf(workspace, bindBy(wire), refuseFork) },
    labels,
    createdAtMs,
    maxLifetimeMs,
    log,
    ...(imageEnv === undefined ? {} : { imageEnv }),
    ...(caBundle === undefined ? {} : { caBundle }),
    onExtend: (until) => {
      wire.connection.keep(kept.token, until - Date.now());
      return kept.write({ ...record, expiresAtMs: until });
    },
  });
}

async function takeOver(
  container: Docker.Container,
  machine: Machine,
  isPaused: boolean,
  options: ReattachOptions,
): Promise<OpenWire> {
  try {
    if (isPaused) await wake(container);
    return await openWire(container, async () => {}, options, options.kept.token);
  } catch (error) {
    await machine.remove();
    throw error;
  }
}

/** What it was made from is not known any more. */
async function refuseFork(): Promise<never> {
  const message =
    "A sandbox that was taken over can't be forked; take a snapshot of it and create one from that.";
  throw new Failure("invalid-request", "no-fork", message);
}

/** Undefined when the engine doesn't have it. */
async function lookAt(
  container: Docker.Container,
): Promise<Docker.ContainerInspectInfo | undefined> {
  try {
    return await withinMs(ENGINE_TIMEOUT_MS, container.inspect());
  } catch (error) {
    if (statusOf(error instanceof Error ? error.cause : undefined) === 404) return undefined;
    throw error;
  }
}
