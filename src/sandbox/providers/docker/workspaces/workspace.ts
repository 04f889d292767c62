import { chown, mkdir, readdir, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type Docker from "dockerode";
import { Failure } from "../../../../errors.ts";
import { WORKSPACE } from "../../../sandbox.ts";
import { bootId, nameThisProcess } from "./living.ts";
import { mountOverlay, unmount, unmountLater } from "./mounts.ts";
import {
  deleteRecord,
  isName,
  newName,
  type Part,
  pathOfPart,
  readRecord,
  type SnapshotRecord,
  VolumeRecord,
  writeRecord,
} from "./records.ts";
import { clearPlace, mountParts, type StateFolder, share } from "./state-folder.ts";
import { makeVolume, type Owner, volumeSize } from "./volume.ts";

/**
 * How a container comes to see a view that is mounted when it runs already. `at-once`: the kernel hands the mount on to
 * where the container has its place. `below`: gVisor keeps the place's own root, but sees what is mounted below it, and
 * binds that into its own tree when told.
 */
export type Sight = "at-once" | "below";

/** Where a gVisor sandbox sees its views; the job can read them there too, they are its own. */
const VIEWS = "/.dunlin-views";

/** Binds a folder of the running container over another, from inside. */
export type BindInside = (folder: string, over: string) => Promise<void>;
const BUSY_TRIES = 20;
const BUSY_PAUSE_MS = 50;

export type WorkspaceOptions = {
  readonly state: StateFolder;
  readonly owner: Owner;
  readonly sight: Sight;
  readonly mebibytes: number;
  readonly outlivesProcess: boolean;
};

/**
 * The files of one sandbox: a volume of its own for what it changes, over read-only parts. It is bound into the container
 * by `mounts`, filled before the start or after, and released once the container is gone.
 */
export class Workspace {
  readonly id: string;
  readonly #options: WorkspaceOptions;
  #parts: readonly Part[] = [];
  #generation = 0;

  private constructor(id: string, options: WorkspaceOptions) {
    this.id = id;
    this.#options = options;
  }

  /** With an empty volume, for a container whose content isn't known yet. */
  static async reserve(options: WorkspaceOptions): Promise<Workspace> {
    const workspace = new Workspace(newName(), options);
    try {
      await options.state.takeTurn(async () => {
        await workspace.#writeRecord();
        await share(options.state);
      });
      await makeVolume(workspace.#volume, volumeSize(options.mebibytes));
      await mkdir(workspace.#place, { mode: 0o755 });
      await workspace.#makeOwnFolders(1);
      return workspace;
    } catch (error) {
      await workspace.release();
      throw error;
    }
  }

  /** That of a container which outlived its process, for whoever takes it over; undefined when it isn't there. */
  static async adopt(id: string, options: WorkspaceOptions): Promise<Workspace | undefined> {
    const workspace = new Workspace(id, options);
    const record = isName(id)
      ? await readRecord(join(workspace.#volume, "record"), VolumeRecord)
      : undefined;
    const views = await readdir(join(workspace.#volume, "fs")).catch(() => []);
    workspace.#generation = Math.max(0, ...views.filter((name) => /^\d+$/.test(name)).map(Number));
    if (record === undefined || workspace.#generation === 0) return undefined;
    workspace.#parts = record.parts;
    await workspace.#writeRecord();
    return workspace;
  }

  /** For the container's creation. */
  get mounts(): Docker.MountSettings[] {
    const slave = { Propagation: "rslave" } as const;
    const bind = { Type: "bind", Source: this.#place } as const;
    if (this.#options.sight === "at-once") {
      return [{ ...bind, Target: WORKSPACE, BindOptions: slave }];
    }
    return [{ ...bind, Target: VIEWS, BindOptions: slave }];
  }

  /** Shows the parts, the topmost first, below an empty folder of its own, to the container that runs by now. */
  async fill(parts: readonly Part[], bindInside: BindInside): Promise<void> {
    const { state } = this.#options;
    await state.takeTurn(async () => {
      this.#parts = parts;
      await this.#writeRecord();
      await mountParts(state, parts);
      await this.#nextView();
    });
    await this.#bind(bindInside);
  }

  /**
   * Freezes what was changed so far as one more part and goes on over it; nothing is copied. To be called between two
   * commands. Returns the snapshot's name. Throws `unavailable/workspace-busy` when something in the container holds on.
   */
  async snapshot(bindInside: BindInside): Promise<string> {
    const { state, owner } = this.#options;
    const frozen: Part = { kind: "upper", volume: this.id, generation: this.#generation };
    const name = newName();
    await state.takeTurn(async () => {
      const parts = [frozen, ...this.#parts];
      if (this.#options.sight === "at-once") await this.#hideView();
      const before = this.#parts;
      this.#parts = parts;
      try {
        await this.#writeRecord();
        await this.#nextView();
      } catch (error) {
        this.#parts = before;
        if (this.#options.sight === "at-once") await this.#showView(frozen.generation);
        throw error;
      }
    });
    await this.#bind(bindInside);
    if (this.#options.sight === "below") await this.#dropOldView(frozen.generation);
    const record: SnapshotRecord = { boot: await bootId(), uid: owner.uid, parts: this.#parts };
    await writeRecord(join(state.places.snapshots, name), record);
    return name;
  }

  /** Once the container is gone. What a snapshot needs stays; `collect` takes the rest. */
  async release(): Promise<void> {
    const { takeTurn } = this.#options.state;
    await takeTurn(async () => {
      await clearPlace(this.#place);
      await deleteRecord(join(this.#volume, "record"));
    });
  }

  get #volume(): string {
    return join(this.#options.state.places.volumes, this.id);
  }

  get #place(): string {
    return join(this.#options.state.places.mounts, this.id);
  }

  /** Where the host has what the container sees. */
  get view(): string {
    if (this.#options.sight === "at-once") return this.#place;
    return join(this.#place, `${this.#generation}`);
  }

  async #writeRecord(): Promise<void> {
    const { outlivesProcess } = this.#options;
    const process = await nameThisProcess();
    const record: VolumeRecord = { process, outlivesProcess, parts: [...this.#parts] };
    await writeRecord(join(this.#volume, "record"), record);
  }

  async #nextView(): Promise<void> {
    const generation = this.#generation + 1;
    // The first one's were made when there was time for it.
    if (generation > 1) await this.#makeOwnFolders(generation);
    await this.#showView(generation);
  }

  async #makeOwnFolders(generation: number): Promise<void> {
    const { uid, gid } = this.#options.owner;
    const own = join(this.#volume, "fs", `${generation}`);
    await mkdir(join(own, "upper"), { recursive: true, mode: 0o755 });
    await mkdir(join(own, "work"), { recursive: true });
    await chown(join(own, "upper"), uid, gid);
  }

  async #showView(generation: number): Promise<void> {
    const { places } = this.#options.state;
    const own = `volumes/${this.id}/fs/${generation}`;
    // An overlay has at least one read-only folder; the empty one at the end is it for a workspace without parts.
    const lowers = [...this.#parts.map(pathOfPart), `volumes/${this.id}/fs/lost+found`];
    const overlay = { lowers, upper: `${own}/upper`, work: `${own}/work` };
    const before = this.#generation;
    this.#generation = generation;
    try {
      if (this.#options.sight === "below") await mkdir(this.view, { recursive: true });
      await mountOverlay(places.folder, overlay, this.view);
    } catch (error) {
      this.#generation = before;
      throw error;
    }
  }

  async #hideView(): Promise<void> {
    for (let tries = 1; (await unmount(this.#place)) === "busy"; tries++) {
      if (tries === BUSY_TRIES) {
        const message =
          "Something in the sandbox holds on to its workspace, so no snapshot can be taken. End what runs there.";
        throw new Failure("unavailable", "workspace-busy", message);
      }
      await delay(BUSY_PAUSE_MS);
    }
  }

  async #dropOldView(generation: number): Promise<void> {
    const old = join(this.#place, `${generation}`);
    await unmountLater(old);
    await rmdir(old);
  }

  /** gVisor's own mount table is changed by a process inside, with rights that exist only there. */
  async #bind(bindInside: BindInside): Promise<void> {
    if (this.#options.sight === "at-once") return;
    await bindInside(`${VIEWS}/${this.#generation}`, WORKSPACE);
  }
}
