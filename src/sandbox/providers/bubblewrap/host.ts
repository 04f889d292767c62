import { execFile } from "node:child_process";
import { readdir, readFile, readlink } from "node:fs/promises";
import { promisify } from "node:util";
import type { HostLayout } from "./bwrap-arguments.ts";
import {
  type Controller,
  findHierarchies,
  groupIn,
  type Hierarchy,
  makeGroup,
  removeGroup,
} from "./control-groups.ts";
import type { FilterArch } from "./syscall-numbers.ts";
import { SYSTEM_PATH } from "./user-namespace.ts";

/** What sandboxes here are made with. */
export type Host = {
  /** As bwrap says it, e.g. `bubblewrap 0.8.0`. */
  readonly bwrap: string;
  readonly arch: FilterArch;
  readonly kernel: string;
  readonly layout: HostLayout;
  /** Those that a sandbox could really be put into. */
  readonly hierarchies: readonly Hierarchy[];
  /** The host's own limit for a process; a lower one is all that can be given on. */
  readonly maxOpenFiles: number;
  /**
   * Whether a score for the end of memory that Dunlin sets is one that nobody below can lower. Where it isn't, a job could
   * go below a guest whose score was raised.
   */
  readonly holdsScores: boolean;
};

const PROGRAMS = [
  "bwrap",
  "unshare",
  "nsenter",
  "prlimit",
  "mount",
  "tar",
  "mkfifo",
  "bash",
  "git",
];
const CAP_SYS_RESOURCE = 24n;
const TRIAL_LIMITS = { cpus: 1, memoryMiB: 256, pids: 48, workspaceMiB: 16 };

/** Looks around without making a sandbox; the text says why there can be none. */
export async function lookAtHost(id: string): Promise<Host | string> {
  const arch = process.arch;
  if (process.platform !== "linux" || (arch !== "x64" && arch !== "arm64")) {
    return `bubblewrap: there is none for ${process.platform} on ${arch}.`;
  }
  if (process.getuid?.() !== 0) {
    return "bubblewrap: not used, because Dunlin isn't root here. Without root a sandbox has one user only, and a command could kill or imitate Dunlin's own process inside. Run Dunlin as root, or use a container engine.";
  }
  const missing = await missingPrograms();
  if (missing.length > 0) {
    return `bubblewrap: ${missing.join(", ")} can't be found. Install it (Debian: apt-get install bubblewrap util-linux git).`;
  }
  const { stdout } = await promisify(execFile)("bwrap", ["--version"], { env: PATH_ONLY });
  return {
    bwrap: stdout.trim(),
    arch,
    kernel: (await readFile("/proc/sys/kernel/osrelease", "utf8")).trim(),
    layout: await readLayout(),
    hierarchies: await usableHierarchies(id),
    maxOpenFiles: await readMaxOpenFiles(),
    holdsScores: await hasCapability(CAP_SYS_RESOURCE),
  };
}

/** Whether there is a control group that can do this. */
export function canControl({ hierarchies }: Host, controller: Controller): boolean {
  return hierarchies.some(({ controllers }) => controllers.includes(controller));
}

const PATH_ONLY = { PATH: SYSTEM_PATH };

async function missingPrograms(): Promise<readonly string[]> {
  const script = 'for name; do command -v "$name" >/dev/null || echo "$name"; done';
  const { stdout } = await promisify(execFile)("sh", ["-c", script, "sh", ...PROGRAMS], {
    env: PATH_ONLY,
  });
  return stdout.split("\n").filter(Boolean);
}

async function readLayout(): Promise<HostLayout> {
  const links = new Map<string, string>();
  const folders: string[] = [];
  for (const entry of await readdir("/", { withFileTypes: true })) {
    if (!/^(s?bin|lib(32|64|x32)?)$/.test(entry.name)) continue;
    if (entry.isSymbolicLink()) links.set(entry.name, await readlink(`/${entry.name}`));
    else folders.push(entry.name);
  }
  return { links, folders, proc: new Set(await readdir("/proc")) };
}

/** Tried one by one: a machine that is itself a container may show groups that it can't change. */
async function usableHierarchies(id: string): Promise<readonly Hierarchy[]> {
  const usable: Hierarchy[] = [];
  for (const hierarchy of await findHierarchies(await readFile("/proc/self/mounts", "utf8"))) {
    const group = groupIn(hierarchy, id);
    try {
      await makeGroup(group, TRIAL_LIMITS);
      usable.push(hierarchy);
    } catch {
      // What it would have limited is missing in the report.
    } finally {
      await removeGroup(group).catch(() => {}); // nothing was made
    }
  }
  return usable;
}

async function readMaxOpenFiles(): Promise<number> {
  const limits = await readFile("/proc/self/limits", "utf8");
  const hard = /^Max open files\s+\S+\s+(\d+)/m.exec(limits)?.[1];
  return hard === undefined ? Number.POSITIVE_INFINITY : Number(hard);
}

async function hasCapability(number: bigint): Promise<boolean> {
  const status = await readFile("/proc/self/status", "utf8");
  const effective = /^CapEff:\s+([0-9a-f]+)$/m.exec(status)?.[1] ?? "0";
  return ((BigInt(`0x${effective}`) >> number) & 1n) === 1n;
}
