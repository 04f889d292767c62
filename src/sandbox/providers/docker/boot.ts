import type Docker from "dockerode";
import type { Isolation, SandboxSpec } from "../../sandbox.ts";
import { bindOverWire } from "../../wire-host/bind.ts";
import type { Machine } from "../../wire-host/wire-sandbox.ts";
import { containerOptions } from "./container-options.ts";
import { ENGINE_TIMEOUT_MS, withinMs } from "./engine-error.ts";
import type { Image } from "./image.ts";
import { withGuest } from "./image-foreign.ts";
import { containerMachine } from "./machine.ts";
import { type OpenWire, openWire, type WireSettings } from "./open-wire.ts";
import type { RuntimeChoice } from "./runtime.ts";
import type { BindInside } from "./workspaces/workspace.ts";
import type { OpenWorkspace, Workspaces } from "./workspaces/workspaces.ts";

export type BootOptions = WireSettings & {
  readonly docker: Docker;
  readonly image: Image;
  readonly choice: RuntimeChoice;
  /** Hears of a container before it runs, and when it is gone. */
  readonly onMade?: (id: string) => Promise<void>;
  readonly onGone?: (id: string) => Promise<void>;
  /** Undefined where the host can't mount for the engine's containers. */
  readonly workspaces?: Workspaces;
};

/** All that is settled for good when a container is made. */
export type ContainerSpec = Pick<SandboxSpec, "limits" | "labels" | "outlivesProcess">;

/** A container whose guest listens; nothing was ever run in it, and its workspace is empty. */
export type Booted = OpenWire & {
  readonly container: Docker.Container;
  /** Its removal takes the workspace along. The wire has to be closed by then. */
  readonly machine: Machine;
  readonly image: Image;
  readonly workspace: OpenWorkspace | undefined;
  /** Whether commands see it already, as long as nothing is put into it. */
  readonly isShown: boolean;
  readonly bindInside: BindInside;
};

/** `beforeStart` hears of the machine at the moment from which on whoever is killed would leave it behind. */
export async function boot(
  spec: ContainerSpec,
  options: BootOptions,
  beforeStart?: (machine: Machine) => Promise<void>,
): Promise<Booted> {
  const { image, workspaces } = options;
  const workspace = await workspaces?.reserve(spec.limits.workspaceMiB, spec.outlivesProcess);
  const container = await createContainer(spec, options, workspace);
  const machine = machineWith(
    containerMachine(container, isolationOf(options)),
    workspace,
    options,
  );
  const begin = async () => {
    await options.onMade?.(container.id);
    await beforeStart?.(machine);
    await withinMs(ENGINE_TIMEOUT_MS, container.start());
  };
  try {
    const wire = await openWire(container, begin, options);
    const bindInside = bindBy(wire);
    return { ...wire, container, machine, image, workspace, isShown: false, bindInside };
  } catch (error) {
    await machine.remove();
    throw error;
  }
}

/** What is done with a container; it goes, too, when that fails. */
export async function orRemove<T>(
  { connection, machine }: Pick<Booted, "connection" | "machine">,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    connection.close("It is of no use.");
    await machine.remove();
    throw error;
  }
}

async function createContainer(
  spec: ContainerSpec,
  { docker, image, choice }: BootOptions,
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

/** The machine whose removal takes along what is there for it only. */
export function machineWith(
  machine: Machine,
  workspace: OpenWorkspace | undefined,
  { onGone }: Pick<BootOptions, "onGone">,
): Machine {
  return {
    ...machine,
    async remove() {
      await machine.remove();
      await workspace?.release();
      await onGone?.(machine.id);
    },
  };
}

export function bindBy({ connection }: Pick<OpenWire, "connection">): BindInside {
  return (bind, at) => bindOverWire(connection, { bind, at });
}

function isolationOf({ choice, image }: BootOptions): Isolation {
  return {
    provider: "docker",
    runtime: choice.runtime,
    userNamespace: choice.userNamespace,
    weak: choice.weak,
    imageDigest: image.digest,
    networkMode: "none",
  };
}
