import { readdir, readFile, rmdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type Docker from "dockerode";
import { ENGINE_TIMEOUT_MS, withinMs } from "./engine-error.ts";
import { unmountBelow } from "./lost-mounts.ts";
import type { MadeContainers } from "./made-containers.ts";

/** What stands around a container's own processes; none of them is in its control group. */
const KEEPERS: ReadonlySet<string> = new Set([
  "containerd-shim-runc-v2",
  "containerd-shim-runsc-v1",
  "containerd-shim",
  "runsc-sandbox",
  "runsc-gofer",
  "runsc",
  "runc",
  "conmon",
]);
const CGROUPS = "/sys/fs/cgroup";
const CGROUP_DEPTH = 5;
const MAX_ROUNDS = 20;

/**
 * Ends what is left of containers that are on record as ours and that the engine doesn't know any more, as after a
 * crash of the engine's or a start that failed. Returns their ids. Throws `unavailable` when the engine doesn't answer.
 */
export async function sweepOrphans(
  docker: Docker,
  made: MadeContainers,
): Promise<readonly string[]> {
  // In this order: what is on record now and not in a list taken later is gone, and not only about to come.
  const ids = await made.ids();
  if (ids.length === 0) return [];
  const listed = await withinMs(ENGINE_TIMEOUT_MS, docker.listContainers({ all: true }));
  const living = new Set(listed.map(({ Id }) => Id));
  const orphans = ids.filter((id) => !living.has(id));
  if (orphans.length === 0) return [];
  const engine: EngineFolders = await withinMs(ENGINE_TIMEOUT_MS, docker.info());
  const ended: string[] = [];
  for (const id of orphans) {
    if (!(await endProcessesOf(id))) continue; // stays on record for the next sweep
    await unmountBelow(id);
    const layer = await layerOf(id, engine);
    if (layer !== undefined) await unmountBelow(layer);
    await removeCgroupsOf(id);
    await made.remove(id);
    ended.push(id);
  }
  return ended;
}

type EngineFolders = { readonly DockerRootDir: string; readonly Driver: string };

/** The container's root file system is mounted in a folder with another name; the engine keeps which. */
async function layerOf(id: string, { DockerRootDir, Driver }: EngineFolders) {
  const file = join(DockerRootDir, "image", Driver, "layerdb/mounts", id, "mount-id");
  const layer = (await readText(file))?.trim();
  return layer === undefined || !/^[0-9a-f]{64}$/.test(layer) ? undefined : layer;
}

/** False when one stays: a process may be dying slowly, or start others meanwhile, or be somebody's we may not kill. */
async function endProcessesOf(id: string): Promise<boolean> {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const pids = await processesOf(id);
    if (pids.length === 0) return true;
    for (const pid of pids) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It is gone already, or can't be killed: the next round finds out which.
      }
    }
    await delay(50);
  }
  return false;
}

/** The host's ids of the processes that belong to a container or keep it. */
export async function processesOf(id: string, proc = "/proc"): Promise<readonly number[]> {
  const pids = (await readdir(proc)).filter((name) => /^\d+$/.test(name));
  const found = pids.map(async (pid) => {
    const folder = join(proc, pid);
    const [cgroup, cmdline, stat] = await Promise.all(
      ["cgroup", "cmdline", "stat"].map((file) => readText(join(folder, file))),
    );
    if (cmdline === undefined || cgroup === undefined || isDead(stat ?? "")) return undefined;
    return isInCgroup(cgroup, id) || isKeeper(cmdline, id) ? Number(pid) : undefined;
  });
  return (await Promise.all(found)).filter((pid) => pid !== undefined);
}

/** A dead process stays listed until its parent, which may be nobody of ours, has taken note. */
function isDead(stat: string): boolean {
  return /^\d+ \(.*\) [ZX] /s.test(stat);
}

/** The kernel's word: no process can choose its control group's name. */
function isInCgroup(cgroup: string, id: string): boolean {
  return cgroup.split("\n").some((line) => line.split("/").some((part) => isCgroupOf(part, id)));
}

function isCgroupOf(name: string, id: string): boolean {
  return name === id || name === `docker-${id}.scope` || name === `libpod-${id}.scope`;
}

/** By its name and by an argument that is the id or a path through it: not everybody who speaks of a container. */
function isKeeper(cmdline: string, id: string): boolean {
  const [program = "", ...args] = cmdline.split("\0");
  if (!KEEPERS.has(basename(program))) return false;
  return args.some((arg) => arg === id || arg.split(/[/=]/).includes(id));
}

async function removeCgroupsOf(id: string): Promise<void> {
  for (const folder of await cgroupsOf(id, CGROUPS, CGROUP_DEPTH)) await removeCgroup(folder);
}

async function cgroupsOf(id: string, folder: string, depth: number): Promise<readonly string[]> {
  if (depth === 0) return [];
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const below = entries.filter((entry) => entry.isDirectory());
  const found = below.map(async ({ name }) => {
    const path = join(folder, name);
    return isCgroupOf(name, id) ? [path] : cgroupsOf(id, path, depth - 1);
  });
  return (await Promise.all(found)).flat();
}

/** From the innermost; the kernel takes only empty ones, and needs a moment after the last process. */
async function removeCgroup(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (entry.isDirectory()) await removeCgroup(join(folder, entry.name));
  }
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const error = await rmdir(folder).catch((reason: NodeJS.ErrnoException) => reason);
    if (error === undefined || error.code === "ENOENT") return;
    if (error.code !== "EBUSY") throw error;
    await delay(50);
  }
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch {
    return undefined; // the process has ended, or the engine keeps no such file
  }
}
