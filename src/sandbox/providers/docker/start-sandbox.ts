import type Docker from "dockerode";
import { type Isolation, type Sandbox, type SandboxSpec, WORKSPACE } from "../../sandbox.ts";
import { unpackLayer } from "../../unpack-layer.ts";
import type { Machine } from "../../wire-host/wire-sandbox.ts";
import { containerOptions } from "./container-options.ts";
import { ENGINE_TIMEOUT_MS, withinMs } from "./engine-error.ts";
import type { Image } from "./image.ts";
import { withGuest } from "./image-foreign.ts";
import type { KeptPlace } from "./kept-place.ts";
import { containerMachine } from "./machine.ts";
import { openWire, throwIfCancelled, type WireSettings } from "./open-wire.ts";
import type { RuntimeChoice } from "./runtime.ts";
import type { KeepableWorkspace, OpenWorkspace, Workspaces } from "./workspaces/workspaces.ts";

export type StartOptions = WireSettings & {
  readonly docker: Docker;
  readonly image: Image;
  readonly choice: RuntimeChoice;
  /** Hears of a container before it runs, and when it is gone. */
  readonly onMade?: (id: string) => Promise<void>;
  readonly onGone?: (id: string) => Promise<void>;
  /** For a sandbox that outlives this process. */
  readonly kept?: KeptPlace;
  /** Makes another sandbox of the same provider. */
  readonly another: (spec: SandboxSpec) => Promise<Sandbox>;
  /** Undefined where the host can't mount for the engine's containers. */
  readonly workspaces?: Workspaces;
};

/** Makes a container, waits for its guest and puts the layers in place. Leaves nothing behind when any of it fails. */
export async function startSandbox(spec: SandboxSpec, options: StartOptions): Promise<Sandbox> {
  const { image, signal, workspaces } = options;
  throwIfCancelled(signal);
  const content = { ...spec, imageDigest: image.digest };
  const workspace = await untilCancelled(workspaces?.open(content, spec.outlivesProcess), signal);
  const sandbox = await bootSandbox(spec, options, workspace);
  try {
    await workspace?.show();
    for (const layer of workspace?.unpacked ?? spec.layers) {
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

/** What is being prepared for somebody who has left is released as soon as it is there. */
async function untilCancelled(
  opening: Promise<OpenWorkspace> | undefined,
  signal: AbortSignal | undefined,
): Promise<OpenWorkspace | undefined> {
  if (opening === undefined || signal === undefined) return opening;
  const cancelled = Promise.withResolvers<undefined>();
  const cancel = () => cancelled.resolve(undefined);
  signal.addEventListener("abort", cancel);
  const first = await Promise.race([opening, cancelled.promise]);
  signal.removeEventListener("abort", cancel);
  if (signal.aborted) {
    void opening.then((workspace) => workspace.release()).catch(() => {});
    throwIfCancelled(signal);
  }
  return first;
}

async function createContainer(
  spec: SandboxSpec,
  { docker, image, choice }: StartOptions,
  workspace: OpenWorkspace | undefined,
): Promise<Docker.Container> {
  const labelled = { ...spec, labels: { ...spec.labels, ...workspace?.labels } };
  const options = containerOptions(labelled, image.digest, choice, workspace?.mounts);
  try {
    return await withinMs(ENGINE_TIMEOUT_MS, docker.createContainer(withGuest(options, image)));
  } catch (error) {
    await workspace?.release();
    throw error;
  }
}

/** The container as a machine whose workspace goes with it and can be kept. */
function machineWith(
  container: Docker.Container,
  spec: SandboxSpec,
  options: StartOptions,
  workspace: OpenWorkspace | undefined,
): Machine {
  const machine = containerMachine(container, isolationOf(options));
  const fork = (snapshot: string) => {
    const { key: _, layers, ...same } = spec;
    // Those in the workspace are in the snapshot.
    const outside = layers.filter(({ into }) => !`${into}/`.startsWith(`${WORKSPACE}/`));
    return options.another({ ...same, layers: outside, snapshot });
  };
  return {
    ...machine,
    async remove() {
      await machine.remove();
      await workspace?.release();
      await options.onGone?.(machine.id);
    },
    ...(workspace === undefined ? {} : { snapshots: snapshotsOf(workspace, container, fork) }),
  };
}

/** `fork` makes a sandbox that starts from a snapshot. */
export function snapshotsOf(
  workspace: KeepableWorkspace,
  container: Docker.Container,
  fork: (snapshot: string) => Promise<Sandbox>,
): NonNullable<Machine["snapshots"]> {
  return {
    take: () => workspace.snapshot(container),
    async fork() {
      const snapshot = await workspace.snapshot(container);
      try {
        return await fork(snapshot);
      } finally {
        await workspace.deleteSnapshot(snapshot);
      }
    },
  };
}

async function bootSandbox(
  spec: SandboxSpec,
  options: StartOptions,
  workspace: OpenWorkspace | undefined,
): Promise<Sandbox> {
  const { kept, image } = options;
  const container = await createContainer(spec, options, workspace);
  const machine = machineWith(container, spec, options, workspace);
  const imageEnv = image.foreign === undefined ? {} : { imageEnv: image.foreign.jobEnv };
  const { labels, maxLifetimeMs } = spec;
  const about = { container, machine, labels, maxLifetimeMs, ...imageEnv };
  const createdAtMs = Date.now();
  const record = { ...about, id: machine.id, isolation: machine.isolation, createdAtMs };
  const begin = async () => {
    await options.onMade?.(machine.id);
    // First: whoever is killed from here on leaves something that can be found again.
    await kept?.write({ ...record, expiresAtMs: createdAtMs + maxLifetimeMs });
    await withinMs(ENGINE_TIMEOUT_MS, container.start());
  };
  if (kept === undefined) return openWire({ ...about, begin }, options);
  const onExtend = (expiresAtMs: number) => kept.write({ ...record, expiresAtMs });
  const keeping = { token: kept.token, takeOver: false, onExtend };
  return openWire({ ...about, begin, kept: keeping }, options);
}

function isolationOf({ choice, image }: StartOptions): Isolation {
  return {
    provider: "docker",
    runtime: choice.runtime,
    userNamespace: choice.userNamespace,
    weak: choice.weak,
    imageDigest: image.digest,
    networkMode: "none",
  };
}
