import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { ProcessName } from "./living.ts";

/** A read-only folder that a workspace is made of: a layer, or what a sandbox changed up to a snapshot. */
export const Part = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("layer"), key: z.string() }),
  z.object({ kind: z.literal("upper"), volume: z.string(), generation: z.number() }),
]);
export type Part = z.infer<typeof Part>;

/** Beside each volume that a sandbox writes to, for as long as it may; `parts` is what it stands on. */
export const VolumeRecord = z.object({
  process: ProcessName,
  /** The container's own life counts, not that of the process that made it. */
  outlivesProcess: z.boolean(),
  parts: z.array(Part).readonly(),
});
export type VolumeRecord = z.infer<typeof VolumeRecord>;

export const SnapshotRecord = z.object({
  /** It is in the kernel's memory, not surely on the disk: of no use after the host's next start. */
  boot: z.string(),
  /** Whose the files are, as the host sees it; another mapping of users makes them a stranger's. */
  uid: z.number(),
  parts: z.array(Part).readonly(),
});
export type SnapshotRecord = z.infer<typeof SnapshotRecord>;

const HEX = /^[0-9a-f]{16,64}$/;

/** A name for a volume or snapshot that nobody guesses. */
export function newName(): string {
  return crypto.randomUUID().replaceAll("-", "").slice(0, 20);
}

/** Whether it can be one of ours; anything else could lead out of the folder. */
export function isName(name: string): boolean {
  return HEX.test(name);
}

/** The names in a folder that can be ours; none when it isn't there. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(ignoreMissing<string[]>([]));
  return names.filter(isName);
}

/** Complete or not there at all. */
export async function writeRecord(path: string, content: unknown): Promise<void> {
  const fresh = `${path}.${crypto.randomUUID()}`;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(fresh, JSON.stringify(content), { mode: 0o600 });
  await rename(fresh, path);
}

/** Undefined when there is none, or none that can be read. */
export async function readRecord<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const text = await readFile(path, "utf8").catch(ignoreMissing(""));
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined; // cut short by a full disk or a crash
  }
}

export async function deleteRecord(path: string): Promise<void> {
  await rm(path, { force: true });
}

function ignoreMissing<T>(value: T): (error: unknown) => T {
  return (error) => {
    if ((error as { code?: unknown }).code === "ENOENT") return value;
    throw error;
  };
}

/** Where everything stands below the state folder. */
export type Places = {
  readonly folder: string;
  /** One folder for each sandbox, where its workspace is mounted; shared with the engine's containers. */
  readonly mounts: string;
  readonly volumes: string;
  readonly layers: string;
  readonly snapshots: string;
};

export function placesIn(folder: string): Places {
  return {
    folder,
    mounts: join(folder, "mounts"),
    volumes: join(folder, "volumes"),
    layers: join(folder, "layers"),
    snapshots: join(folder, "snapshots"),
  };
}

/** From the state folder, and short: all of a workspace's parts have to fit into one call of the kernel's. */
export function pathOfPart(part: Part): string {
  if (part.kind === "layer") return `layers/${part.key}/fs/tree`;
  return `volumes/${part.volume}/fs/${part.generation}/upper`;
}
