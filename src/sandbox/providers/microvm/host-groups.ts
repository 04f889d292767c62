import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type Controller,
  findHierarchies,
  type Group,
  groupIn,
  makeGroup,
  removeGroup,
} from "../bubblewrap/control-groups.ts";

/** qemu's own memory, and the part of its disks that the host holds for it. */
const QEMU_MIB = 512;
const QEMU_THREADS = 128;
const MAX_TRIES = 100;
const RETRY_MS = 20;
const WANTED: readonly Controller[] = ["memory", "cpu", "pids"];

/**
 * Puts a machine's process into control groups of its own, where this process may make them: as root. The machine's
 * own size holds its memory and its whole processors everywhere; this adds fractions of one, and qemu's own memory.
 */
export async function enterGroups(
  id: string,
  pid: number,
  { cpus, ramMiB }: { readonly cpus: number; readonly ramMiB: number },
): Promise<void> {
  const memoryMiB = ramMiB + QEMU_MIB;
  for (const group of await groupsOf(id)) {
    await makeGroup(group, { cpus, memoryMiB, pids: QEMU_THREADS, workspaceMiB: 0 });
    await writeFile(join(group.folder, "cgroup.procs"), `${pid}`, { flag: "r+" });
  }
}

/** Removes what `enterGroups` made. A process that was just killed is in it for a moment yet. */
export async function removeGroups(id: string): Promise<void> {
  for (const group of await groupsOf(id)) {
    for (let tries = 0; tries < MAX_TRIES && !(await removeGroup(group)); tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

async function groupsOf(id: string): Promise<readonly Group[]> {
  if (process.getuid?.() !== 0) return [];
  const hierarchies = await findHierarchies(await readFile("/proc/self/mounts", "utf8"));
  return hierarchies
    .map((hierarchy) => groupIn(hierarchy, id))
    .map((group) => ({
      ...group,
      controllers: group.controllers.filter((name) => WANTED.includes(name)),
    }))
    .filter(({ controllers }) => controllers.length > 0);
}
