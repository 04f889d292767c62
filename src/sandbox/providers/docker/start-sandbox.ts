import { furnish, throwIfCancelled } from "../../furnish.ts";
import { type Sandbox, type SandboxSpec, WORKSPACE } from "../../sandbox.ts";
import { prepare } from "../../wire-host/bind.ts";
import { type Machine, WireSandbox } from "../../wire-host/wire-sandbox.ts";
import { type Booted, type BootOptions, boot, orRemove } from "./boot.ts";
import type { KeptPlace } from "./kept-place.ts";
import type { Pool } from "./pool.ts";
import { noSuchSnapshot } from "./workspaces/state-folder.ts";
import type { BindInside } from "./workspaces/workspace.ts";
import type { OpenWorkspace, Prepared } from "./workspaces/workspaces.ts";

export type StartOptions = BootOptions & {
  /** For a sandbox that outlives this process. */
  readonly kept?: KeptPlace;
  /** Makes another sandbox of the same provider. */
  readonly another: (spec: SandboxSpec) => Promise<Sandbox>;
  readonly pool?: Pool;
};

/** One that waited answers at once, even on a busy machine. */
const ANSWER_MS = 2_000;

/**
 * Claims a container from the pool, or makes one, and puts in place what the sandbox starts from. Leaves nothing behind
 * when any of it fails.
 */
export async function startSandbox(spec: SandboxSpec, options: StartOptions): Promise<Sandbox> {
  const { image, signal, workspaces, kept } = options;
  throwIfCancelled(signal);
  const content = { ...spec, imageDigest: image.digest };
  if (workspaces === undefined && spec.snapshot !== undefined) throw noSuchSnapshot();
  const preparing = workspaces?.prepare(content) ?? { parts: [], unpacked: spec.layers };
  const prepared = await untilCancelled(preparing, signal);
  if (kept !== undefined) return startKept(spec, options, kept, prepared);
  const claimed = await options.pool?.claim(spec, image);
  const given = claimed && (await handClaimed(claimed, spec, options, prepared));
  return given ?? hand(await boot(spec, options), spec, options, prepared);
}

/** Undefined when it died while it waited, or can't be used for another reason: a fresh one will say which. */
async function handClaimed(
  claimed: Booted,
  spec: SandboxSpec,
  options: StartOptions,
  prepared: Prepared,
): Promise<Sandbox | undefined> {
  try {
    return await orRemove(claimed, async () => {
      // Whether it lives comes out while its files are put in place.
      const answered = claimed.connection.answer(ANSWER_MS);
      const [sandbox] = await Promise.all([hand(claimed, spec, options, prepared), answered]);
      return sandbox;
    });
  } catch (error) {
    throwIfCancelled(options.signal);
    options.log.debug({ sandbox: claimed.machine.id, error: String(error) }, "claimed in vain");
    return undefined;
  }
}

/** A sandbox that others shall find is on record before it can be left behind. */
async function startKept(
  spec: SandboxSpec,
  options: StartOptions,
  kept: KeptPlace,
  prepared: Prepared,
): Promise<Sandbox> {
  const { labels, maxLifetimeMs } = spec;
  const createdAtMs = Date.now();
  const about = { labels, createdAtMs, ...imageEnvOf(options) };
  const record = ({ id, isolation }: Machine, isReady: boolean, expiresAtMs: number) =>
    kept.write({ ...about, id, isolation, isReady, expiresAtMs });
  const expiresAtMs = createdAtMs + maxLifetimeMs;
  const booted = await boot(spec, options, (machine) => record(machine, false, expiresAtMs));
  const { connection, machine } = booted;
  connection.keep(kept.token, maxLifetimeMs);
  const sandbox = await hand(booted, spec, options, prepared, (until) => {
    connection.keep(kept.token, until - Date.now());
    return record(machine, true, until);
  });
  await record(machine, true, expiresAtMs);
  return sandbox;
}

/** From here on the container is the caller's. */
async function hand(
  booted: Booted,
  spec: SandboxSpec,
  options: StartOptions,
  { parts, unpacked }: Prepared,
  onExtend?: (expiresAtMs: number) => Promise<void>,
): Promise<Sandbox> {
  const { connection, gate, workspace, isShown, bindInside } = booted;
  const { log, caBundle } = options;
  const sandbox = new WireSandbox({
    connection,
    gate,
    machine: keepable(booted, spec, options),
    labels: spec.labels,
    maxLifetimeMs: spec.maxLifetimeMs,
    log,
    ...imageEnvOf(options),
    ...(caBundle === undefined ? {} : { caBundle }),
    ...(onExtend === undefined ? {} : { onExtend }),
  });
  try {
    // What waited shows an empty one: files are mounted over that.
    if (parts.length > 0 || !isShown) await workspace?.show({ parts, unpacked }, bindInside);
  } catch (error) {
    await sandbox.destroy();
    throw error;
  }
  // A process takes gVisor long to start; what waited has one ready by now.
  if (options.choice.isGvisor && !isShown) void prepare(connection, "commands");
  return furnish(sandbox, unpacked, spec, options.signal);
}

function imageEnvOf({ image }: Pick<BootOptions, "image">) {
  return image.foreign === undefined ? {} : { imageEnv: image.foreign.jobEnv };
}

/** What is being prepared for somebody who has left is for whoever comes next. */
async function untilCancelled<T>(
  preparing: Promise<T> | T,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (signal === undefined) return preparing;
  const cancelled = Promise.withResolvers<never>();
  const cancel = () => {
    try {
      throwIfCancelled(signal);
    } catch (error) {
      cancelled.reject(error);
    }
  };
  signal.addEventListener("abort", cancel);
  try {
    return await Promise.race([preparing, cancelled.promise]);
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

/** The machine with a workspace that can be kept. */
function keepable(booted: Booted, spec: SandboxSpec, options: StartOptions): Machine {
  const { machine, workspace, bindInside } = booted;
  if (workspace === undefined) return machine;
  const fork = (snapshot: string) => {
    const { key: _, layers, ...same } = spec;
    // Those in the workspace are in the snapshot.
    const outside = layers.filter(({ into }) => !`${into}/`.startsWith(`${WORKSPACE}/`));
    return options.another({ ...same, layers: outside, snapshot });
  };
  return { ...machine, snapshots: snapshotsOf(workspace, bindInside, fork) };
}

export function snapshotsOf(
  workspace: OpenWorkspace,
  bindInside: BindInside,
  fork: (snapshot: string) => Promise<Sandbox>,
): NonNullable<Machine["snapshots"]> {
  return {
    take: () => workspace.snapshot(bindInside),
    async fork() {
      const snapshot = await workspace.snapshot(bindInside);
      try {
        return await fork(snapshot);
      } finally {
        await workspace.deleteSnapshot(snapshot);
      }
    },
  };
}
