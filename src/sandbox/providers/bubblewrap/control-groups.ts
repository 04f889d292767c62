import { mkdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { SandboxLimits } from "../../sandbox.ts";

const MIB = 1024 ** 2;
const CPU_PERIOD_US = 100_000;

export type Controller = z.output<typeof Controller>;
const Controller = z.enum(["memory", "pids", "cpu", "freezer"]);

/** A mounted hierarchy of control groups and what it can do for us. */
export type Hierarchy = {
  readonly version: 1 | 2;
  readonly mount: string;
  readonly controllers: readonly Controller[];
};

/** A sandbox's own folder in one hierarchy. */
export type Group = z.output<typeof Group>;
export const Group = z.strictObject({
  version: z.union([z.literal(1), z.literal(2)]),
  folder: z.string().regex(/^\/.+\/dunlin-[a-z0-9-]+$/),
  controllers: z.array(Controller).readonly(),
});

/** The hierarchies in the text of `/proc/self/mounts`; each controller is in one of them at most. */
export async function findHierarchies(mounts: string): Promise<readonly Hierarchy[]> {
  const found: Hierarchy[] = [];
  for (const line of mounts.split("\n")) {
    const [, mount = "", type, options = ""] = line.split(" ");
    const offered =
      type === "cgroup" ? options.split(",") : type === "cgroup2" ? await offeredBy(mount) : [];
    const controllers = Controller.options.filter((name) => offered.includes(name));
    if (controllers.length === 0) continue;
    found.push({ version: type === "cgroup2" ? 2 : 1, mount, controllers });
  }
  // On a machine with both, what version 1 has bound is missing in version 2; only freezing is always there.
  const taken = new Set<Controller>();
  return found
    .sort((a, b) => a.version - b.version)
    .map((hierarchy) => {
      const controllers = hierarchy.controllers.filter((name) => !taken.has(name));
      for (const name of controllers) taken.add(name);
      return { ...hierarchy, controllers };
    })
    .filter(({ controllers }) => controllers.length > 0);
}

async function offeredBy(mount: string): Promise<readonly string[]> {
  const text = await readFile(join(mount, "cgroup.controllers"), "utf8").catch(() => "");
  return [...text.trim().split(/\s+/), "freezer"];
}

/** Where the sandbox will be in this hierarchy; nothing is made yet. */
export function groupIn({ version, mount, controllers }: Hierarchy, id: string): Group {
  return { version, folder: join(mount, `dunlin-${id}`), controllers };
}

/** Rejects with the kernel's reason when it can't be made or doesn't take a limit. */
export async function makeGroup(group: Group, limits: SandboxLimits): Promise<void> {
  if (group.version === 2) await handDown(group);
  await mkdir(group.folder);
  for (const controller of group.controllers) {
    for (const { file, value, mayLack } of settings(controller, group.version, limits)) {
      const path = join(group.folder, file);
      const writing = writeFile(path, value, { flag: "r+" });
      await (mayLack ? writing.catch(ignoreMissing) : writing);
    }
  }
}

/** Version 2 gives a group only what its parent hands down. */
async function handDown({ folder, controllers }: Group): Promise<void> {
  const wanted = controllers.filter((name) => name !== "freezer").map((name) => `+${name}`);
  if (wanted.length === 0) return;
  await writeFile(join(folder, "..", "cgroup.subtree_control"), wanted.join(" "), { flag: "r+" });
}

type Setting = {
  readonly file: string;
  readonly value: string;
  /** Missing where the kernel doesn't count swap. */
  readonly mayLack?: true;
};

/** What is written into a group, in this order. */
export function settings(
  controller: Controller,
  version: 1 | 2,
  limits: SandboxLimits,
): readonly Setting[] {
  const quota = `${Math.round(limits.cpus * CPU_PERIOD_US)}`;
  const bytes = `${memoryBytes(limits)}`;
  switch (controller) {
    case "memory":
      if (version === 2) {
        return [
          { file: "memory.max", value: bytes },
          { file: "memory.swap.max", value: "0", mayLack: true },
        ];
      }
      return [
        { file: "memory.limit_in_bytes", value: bytes },
        { file: "memory.memsw.limit_in_bytes", value: bytes, mayLack: true },
      ];
    case "pids":
      // bwrap's own process that waits outside of the sandbox's processes counts, too.
      return [{ file: "pids.max", value: `${limits.pids + 1}` }];
    case "cpu":
      if (version === 2) return [{ file: "cpu.max", value: `${quota} ${CPU_PERIOD_US}` }];
      return [
        { file: "cpu.cfs_period_us", value: `${CPU_PERIOD_US}` },
        { file: "cpu.cfs_quota_us", value: quota },
      ];
    case "freezer":
      return [];
  }
}

/** Files in memory count as memory: the folders' sizes come on top of what the processes may use. */
function memoryBytes({ memoryMiB, workspaceMiB }: SandboxLimits): number {
  return (memoryMiB + workspaceMiB + 2 * temporaryMiB(workspaceMiB)) * MIB;
}

/** The size of `/tmp`, and that of the job's home. */
export function temporaryMiB(workspaceMiB: number): number {
  return Math.ceil(workspaceMiB / 2);
}

/** How many processes of the sandbox the kernel has ended for their memory. */
export async function countMemoryKills(groups: readonly Group[]): Promise<number> {
  const group = groups.find(({ controllers }) => controllers.includes("memory"));
  if (group === undefined) return 0;
  const file = group.version === 1 ? "memory.oom_control" : "memory.events";
  const text = await readFile(join(group.folder, file), "utf8").catch(() => "");
  return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0);
}

/** Empty when the group is gone. */
export async function processesIn({ folder }: Group): Promise<readonly number[]> {
  const text = await readFile(join(folder, "cgroup.procs"), "utf8").catch(ignoreMissing);
  return (text ?? "").split("\n").filter(Boolean).map(Number);
}

/** False while something is still in it. */
export async function removeGroup({ folder }: Group): Promise<boolean> {
  try {
    await rmdir(folder);
    return true;
  } catch (error) {
    if (codeOf(error) === "EBUSY") return false;
    ignoreMissing(error);
    return true;
  }
}

/** A file that was open while its group went has no device. */
function ignoreMissing(error: unknown): undefined {
  if (codeOf(error) !== "ENOENT" && codeOf(error) !== "ENODEV") throw error;
  return undefined;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
