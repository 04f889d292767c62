import { readdir, readFile } from "node:fs/promises";
import { loadavg } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { spreadOf } from "../figures.ts";
import type { Finding } from "../finding.ts";
import { openPlace, type Place } from "./place.ts";

const IDLE_SANDBOXES = 8;
const SETTLE_MS = 2_000;
const MB = 1_000_000;

/** Of one idle sandbox, in bytes. */
type Resident = {
  /** All its processes' own memory, files in memory and the kernel's own for it. */
  readonly group: number;
  /** The engine's process beside it, as its share of pages that several processes have. */
  readonly shim: number;
};

/** What a sandbox that waits in the pool takes of the host's memory. */
export async function measureMemory(runtime: string): Promise<readonly Finding[]> {
  await using place = await openPlace(runtime, { poolSize: IDLE_SANDBOXES });
  const ids = await fullPool(place);
  await delay(SETTLE_MS);
  const all = await Promise.all(ids.map((id) => residentOf(place, id)));
  const spread = (of: (one: Resident) => number) => spreadOf(all.map((one) => of(one) / MB));
  const total = spread(({ group, shim }) => group + shim);
  const parts = { group: spread(({ group }) => group), shim: spread(({ shim }) => shim) };
  return [
    {
      id: "memory",
      runtime,
      what: "an idle sandbox of the pool: its control group without the page cache, and its shim",
      unit: " MB",
      figure: total.median,
      spread: total,
      rounds: all.length,
      parts,
      loads: [loadavg()[0] ?? Number.NaN],
      reason: `Of it the sandbox ${parts.group.median.toFixed(1)} MB, most of which is its guest's Node, and the shim ${parts.shim.median.toFixed(1)} MB.`,
    },
  ];
}

async function fullPool({ warm, docker, label }: Place): Promise<readonly string[]> {
  await warm();
  for (;;) {
    const all = await docker.listContainers({ filters: { label: [label] } });
    if (all.length >= IDLE_SANDBOXES) return all.map(({ Id }) => Id);
    await delay(SETTLE_MS / 10);
  }
}

async function residentOf({ docker }: Place, id: string): Promise<Resident> {
  const { State } = await docker.getContainer(id).inspect();
  return { group: await groupBytes(State.Pid), shim: await shimBytes(id) };
}

/** All that the kernel charges to the control group but for file pages, which belong to every sandbox of the image. */
async function groupBytes(pid: number): Promise<number> {
  const groups = await readFile(`/proc/${pid}/cgroup`, "utf8");
  const first = /^\d+:memory:(.*)$/m.exec(groups)?.[1];
  const folder =
    first === undefined
      ? join("/sys/fs/cgroup", /^0::(.*)$/m.exec(groups)?.[1] ?? "")
      : join("/sys/fs/cgroup/memory", first);
  const [charged, files] = first === undefined ? SECOND_NAMES : FIRST_NAMES;
  const stat = await readFile(join(folder, "memory.stat"), "utf8");
  const named = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, "m").exec(stat)?.[1]);
  // Files in memory are counted among the file pages, but nobody shares them.
  const shared = named(files) - named("shmem");
  return Number(await readFile(join(folder, charged), "utf8")) - shared;
}

/** Where control groups of version 1 and 2 say what they hold, and what of it are pages of files. */
const FIRST_NAMES = ["memory.usage_in_bytes", "cache"] as const;
const SECOND_NAMES = ["memory.current", "file"] as const;

async function shimBytes(id: string): Promise<number> {
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (!line.includes("containerd-shim") || !line.includes(id)) continue;
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, "utf8");
    return Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1]) * 1024;
  }
  throw new Error(
    "A container without a shim can't be measured: the engine runs it in another way.",
  );
}
