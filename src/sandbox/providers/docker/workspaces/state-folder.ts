import { access, chmod, mkdir, readdir, realpath, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../../../../errors.ts";
import { inTurn, turnFor } from "../../../wire-host/machine-turns.ts";
import { createTurns, type TakeTurn } from "../../../wire-host/turns.ts";
import { bootId, isLiving } from "./living.ts";
import { mountImage, mountsBelow, shareFolder, unmount, unmountLater } from "./mounts.ts";
import {
  deleteRecord,
  isName,
  namesIn,
  type Part,
  type Places,
  pathOfPart,
  placesIn,
  readRecord,
  SnapshotRecord,
  VolumeRecord,
} from "./records.ts";
import { closeVolume, removeVolume } from "./volume.ts";

/** Volumes, layers and snapshots of one folder, which several processes may use at once. */
export type StateFolder = {
  readonly places: Places;
  /** Mounting and unmounting, one at a time on this machine: so nothing goes between being found and being used. */
  readonly takeTurn: TakeTurn;
};

/** Makes what is missing. Others on the host may pass through to a mount that they know, and list nothing. */
export async function openStateFolder(folder: string): Promise<StateFolder> {
  const places = placesIn(folder);
  for (const path of [places.volumes, places.layers, places.snapshots]) {
    await mkdir(path, { recursive: true, mode: 0o700 });
  }
  await mkdir(places.mounts, { recursive: true, mode: 0o711 });
  for (const path of [folder, places.mounts]) await chmod(path, 0o711);
  const takeOwnTurn = createTurns();
  const name = turnFor(await realpath(folder));
  return { places, takeTurn: (work) => takeOwnTurn(() => inTurn(name, work)) };
}

/** How the folder of a layer begins that is being unpacked. */
export const UNFINISHED = "new-";

/**
 * To be called in a turn, after the record was written of what is about to be mounted, which keeps it so. Mounts are seen
 * in containers then, and taken away from other mount namespaces when they are here.
 */
export function share({ places }: StateFolder): Promise<void> {
  return shareFolder(places.folder);
}

/** Whoever finds nothing in use leaves the folder as it would be without us. */
async function unshare(places: Places, living: number): Promise<void> {
  const unfinished = (await readdir(places.layers)).some((name) => name.startsWith(UNFINISHED));
  if (living > 0 || unfinished) return;
  const mounts = await mountsBelow(places.folder);
  if (mounts.length === 1 && mounts[0] === places.folder) await unmount(places.folder);
}

/** Puts the parts' file systems where `pathOfPart` says. Throws `invalid-request/no-such-snapshot` for a missing one. */
export async function mountParts({ places }: StateFolder, parts: readonly Part[]): Promise<void> {
  for (const part of parts) {
    const path = join(places.folder, pathOfPart(part));
    if (await exists(path)) continue;
    const volume =
      part.kind === "layer" ? join(places.layers, part.key) : join(places.volumes, part.volume);
    if (!(await exists(join(volume, "image")))) throw noSuchSnapshot();
    await mountImage(join(volume, "image"), join(volume, "fs"), "ro");
    if (!(await exists(path))) throw noSuchSnapshot();
  }
}

export async function readSnapshot(
  { places }: StateFolder,
  name: string,
  uid: number,
): Promise<readonly Part[]> {
  const record = isName(name)
    ? await readRecord(join(places.snapshots, name), SnapshotRecord)
    : undefined;
  if (record?.boot !== (await bootId()) || record.uid !== uid) throw noSuchSnapshot();
  return record.parts;
}

export function noSuchSnapshot(): Failure {
  return new Failure(
    "invalid-request",
    "no-such-snapshot",
    "There is no such snapshot here (any more); start from the repository instead.",
  );
}

export type Collection = {
  /** Sandboxes that outlive their process and are still there; without it those of other processes are left alone. */
  readonly outliving?: ReadonlySet<string>;
  /** Also takes the mounts of layers away that no sandbox uses now. */
  readonly idleLayers: boolean;
};

/**
 * Removes what belongs to no living sandbox and no snapshot: mounts, loop devices, files. What something still uses,
 * whatever it is, stays for the next time. Takes a turn of its own.
 */
export function collect(state: StateFolder, collection: Collection): Promise<void> {
  return state.takeTurn(async () => {
    const { places } = state;
    const snapshots = volumesOf(await readSnapshots(places));
    const living = await readLiving(places, collection.outliving);
    const used = [...living.values()].flatMap(({ parts }) => parts);
    for (const id of await namesIn(places.mounts)) {
      if (!living.has(id)) await clearPlace(join(places.mounts, id));
    }
    const open = new Set([...living.keys(), ...volumesOf(used)]);
    await collectVolumes(places, open, snapshots);
    if (collection.idleLayers) await closeLayers(places, used);
    await unshare(places, living.size);
  });
}

async function collectVolumes(
  places: Places,
  open: ReadonlySet<string>,
  kept: ReadonlySet<string>,
): Promise<void> {
  for (const id of await namesIn(places.volumes)) {
    const volume = join(places.volumes, id);
    if (open.has(id)) continue;
    if (kept.has(id)) await closeVolume(volume);
    else await removeVolume(volume);
  }
}

async function readSnapshots(places: Places): Promise<readonly Part[]> {
  const boot = await bootId();
  const parts: Part[] = [];
  for (const name of await namesIn(places.snapshots)) {
    const path = join(places.snapshots, name);
    const record = await readRecord(path, SnapshotRecord);
    if (record?.boot === boot) parts.push(...record.parts);
    else await deleteRecord(path);
  }
  return parts;
}

async function readLiving(
  places: Places,
  outliving: ReadonlySet<string> | undefined,
): Promise<ReadonlyMap<string, VolumeRecord>> {
  const living = new Map<string, VolumeRecord>();
  for (const id of await namesIn(places.volumes)) {
    const record = await readRecord(join(places.volumes, id, "record"), VolumeRecord);
    if (record === undefined) continue;
    const isKept = outliving === undefined || (record.outlivesProcess && outliving.has(id));
    if (isKept || (await isLiving(record.process))) living.set(id, record);
  }
  return living;
}

function volumesOf(parts: readonly Part[]): ReadonlySet<string> {
  return new Set(parts.flatMap((part) => (part.kind === "upper" ? [part.volume] : [])));
}

/** The layers that a snapshot or a living sandbox needs must not be evicted. */
export async function layersInUse({ places }: StateFolder): Promise<ReadonlySet<string>> {
  const records = await Promise.all(
    (await namesIn(places.volumes)).map((id) =>
      readRecord(join(places.volumes, id, "record"), VolumeRecord),
    ),
  );
  const used = records.flatMap((record) => record?.parts ?? []);
  const parts = [...used, ...(await readSnapshots(places))];
  return new Set(parts.flatMap((part) => (part.kind === "layer" ? [part.key] : [])));
}

async function closeLayers(places: Places, used: readonly Part[]): Promise<void> {
  const keys = new Set(used.flatMap((part) => (part.kind === "layer" ? [part.key] : [])));
  for (const key of await namesIn(places.layers)) {
    if (!keys.has(key)) await closeVolume(join(places.layers, key));
  }
}

/** Takes all views away that were mounted for a sandbox, the last one first. */
export async function clearPlace(place: string): Promise<void> {
  for (const mount of (await mountsBelow(place)).toReversed()) await unmountLater(mount);
  // Folder by folder: should a mount still be there, its files are not deleted.
  if (!(await exists(place))) return;
  for (const view of await readdir(place)) await rmdir(join(place, view));
  await rmdir(place);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
