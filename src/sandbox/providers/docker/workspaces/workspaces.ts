import { join } from "node:path";
import type Docker from "dockerode";
import { Failure, toFailure } from "../../../../errors.ts";
import type { Layer, SandboxSpec } from "../../../sandbox.ts";
import { OWNER_LABEL } from "../container-options.ts";
import { ENGINE_TIMEOUT_MS, withinMs } from "../engine-error.ts";
import { LayerStore, removeUnfinishedLayers } from "./layer-store.ts";
import { probeMounts, sightOf } from "./probe.ts";
import { deleteRecord, isName, type Part } from "./records.ts";
import { collect, openStateFolder, readSnapshot, type StateFolder } from "./state-folder.ts";
import type { Workshop } from "./tool-container.ts";
import type { Owner } from "./volume.ts";
import { type BindInside, Workspace, type WorkspaceOptions } from "./workspace.ts";

/** Names a container's workspace. */
export const WORKSPACE_LABEL = "dunlin.workspace";

const MAX_LAYER_BYTES = 20 * 1024 ** 3;
/** A layer that no sandbox uses keeps its mount for this long. */
const IDLE_MS = 60_000;

export type WorkspacesOptions = Workshop & {
  /** On a real disk, below folders that every user may pass through. Made when missing. */
  readonly folder: string;
  /** Any of the images that sandboxes are made from. */
  readonly imageDigest: string;
};

/** What a sandbox starts from. */
export type Content = Pick<SandboxSpec, "layers" | "snapshot" | "limits"> & {
  readonly imageDigest: string;
};

/** What a sandbox starts from, ready to be shown. */
export type Prepared = {
  /** To be mounted, the topmost first. */
  readonly parts: readonly Part[];
  /** To be unpacked in the sandbox, over what is shown. */
  readonly unpacked: readonly Layer[];
};

/** The workspace of one sandbox. */
export type OpenWorkspace = Pick<Workspace, "snapshot"> & {
  readonly labels: Readonly<Record<string, string>>;
  readonly mounts: readonly Docker.MountSettings[];
  /** Puts its content in place: to be called once the container runs, and before any command does. */
  show(content: Prepared, bindInside: BindInside): Promise<void>;
  deleteSnapshot(name: string): Promise<void>;
  /** To be called once the container is gone. Idempotent. */
  release(): Promise<void>;
};

/**
 * Workspaces as mounts that the host makes, for an engine that shares the host's view of the file system. Throws
 * `unavailable/no-mounts` with the reason where that isn't so.
 */
export async function openWorkspaces(options: WorkspacesOptions): Promise<Workspaces> {
  if (process.getuid?.() !== 0) throw noMounts("Dunlin does not run as root");
  try {
    const state = await openStateFolder(options.folder);
    const owner = await probe(options, state);
    const workspaces = new Workspaces(options, state, owner);
    await workspaces.sweep();
    return workspaces;
  } catch (error) {
    throw noMounts(toFailure(error).message, error);
  }
}

/** Leaves nothing mounted, above all when it fails: nobody comes to collect it then. */
async function probe(options: WorkspacesOptions, state: StateFolder): Promise<Owner> {
  try {
    return await probeMounts(options, state, options.imageDigest);
  } catch (error) {
    await collect(state, { idleLayers: false });
    throw error;
  }
}

function noMounts(reason: string, cause?: unknown): Failure {
  const message = `Workspaces can't be mounts: ${reason}. They are kept in memory instead.`;
  return new Failure("unavailable", "no-mounts", message, { cause });
}

/** All workspaces, layers and snapshots of one provider. */
export class Workspaces {
  readonly #options: WorkspacesOptions;
  readonly #state: StateFolder;
  readonly #owner: Owner;
  readonly #layers: LayerStore;
  #idle: NodeJS.Timeout | undefined;

  constructor(options: WorkspacesOptions, state: StateFolder, owner: Owner) {
    this.#options = options;
    this.#state = state;
    this.#owner = owner;
    this.#layers = new LayerStore({ ...options, state, owner, maxBytes: MAX_LAYER_BYTES });
  }

  /** An empty one, for a container that is about to be made. */
  async reserve(mebibytes: number, outlivesProcess = false): Promise<OpenWorkspace> {
    return this.#open(await Workspace.reserve(this.#about(mebibytes, outlivesProcess)));
  }

  /** The workspace of a container that outlived its process, by the container's labels; undefined when it has none. */
  async adopt(labels: Readonly<Record<string, string>>): Promise<OpenWorkspace | undefined> {
    const id = labels[WORKSPACE_LABEL];
    if (id === undefined) return undefined;
    // Its size was settled when it was made.
    const workspace = await Workspace.adopt(id, this.#about(0, true));
    return workspace === undefined ? undefined : this.#open(workspace);
  }

  /** Unpacks the layers that can be kept and aren't unpacked yet. */
  async prepare(content: Content): Promise<Prepared> {
    const { snapshot, layers } = content;
    const below =
      snapshot === undefined ? [] : await readSnapshot(this.#state, snapshot, this.#owner.uid);
    const first = layers.findIndex((layer) => !this.#layers.takes(layer));
    const mounted = first === -1 ? layers : layers.slice(0, first);
    const keys = await Promise.all(mounted.map((layer) => this.#layers.prepare(layer, content)));
    const above = keys.map((key): Part => ({ kind: "layer", key })).toReversed();
    return { parts: [...above, ...below], unpacked: layers.slice(mounted.length) };
  }

  #about(mebibytes: number, outlivesProcess: boolean): WorkspaceOptions {
    const [state, owner, sight] = [this.#state, this.#owner, sightOf(this.#options)];
    return { state, owner, sight, mebibytes, outlivesProcess };
  }

  #open(workspace: Workspace): OpenWorkspace {
    return {
      labels: { [WORKSPACE_LABEL]: workspace.id },
      mounts: workspace.mounts,
      show: ({ parts }, bindInside) => workspace.fill(parts, bindInside),
      snapshot: (bindInside) => workspace.snapshot(bindInside),
      deleteSnapshot: (name) => this.deleteSnapshot(name),
      release: () => this.#release(workspace),
    };
  }

  async #release(workspace: Workspace): Promise<void> {
    await workspace.release();
    await this.#collect(false);
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => void this.#collect(true).catch(() => {}), IDLE_MS);
    this.#idle.unref();
  }

  async deleteSnapshot(name: string): Promise<void> {
    if (!isName(name)) return;
    await deleteRecord(join(this.#state.places.snapshots, name));
    await this.#collect(false);
  }

  /** Removes all that belongs to no living sandbox and no snapshot, e.g. after a kill. Throws `unavailable`. */
  async sweep(): Promise<void> {
    await removeUnfinishedLayers(this.#state);
    const outliving = await outlivingWorkspaces(this.#options.docker);
    await collect(this.#state, { outliving, idleLayers: true });
  }

  /** Takes the mounts of unused layers away; whoever comes later mounts them again. */
  async close(): Promise<void> {
    clearTimeout(this.#idle);
    await this.#collect(true);
  }

  #collect(idleLayers: boolean): Promise<void> {
    return collect(this.#state, { idleLayers });
  }
}

/** The workspaces of containers that run or stand still, whoever made them. */
async function outlivingWorkspaces(docker: Docker): Promise<ReadonlySet<string>> {
  const filters = { label: [`${OWNER_LABEL}=1`, WORKSPACE_LABEL] };
  const all = await withinMs(ENGINE_TIMEOUT_MS, docker.listContainers({ filters }));
  return new Set(all.map(({ Labels }) => Labels[WORKSPACE_LABEL] ?? ""));
}
