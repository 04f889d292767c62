import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import {
  findHierarchies,
  groupIn,
  settings,
} from "../../../../../src/sandbox/providers/bubblewrap/control-groups.ts";

const LIMITS = { cpus: 1.5, memoryMiB: 100, pids: 64, workspaceMiB: 20 };
const V1 = `proc /proc proc rw 0 0
cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,nosuid,cpu,cpuacct 0 0
cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0
cgroup /sys/fs/cgroup/blkio cgroup rw,blkio 0 0
cgroup /sys/fs/cgroup/freezer cgroup rw,freezer 0 0
`;

async function version2(controllers: string): Promise<string> {
  const mount = await mkdtemp(join(tmpdir(), "dunlin-cgroup2-"));
  onTestFinished(() => rm(mount, { recursive: true, force: true }));
  await writeFile(join(mount, "cgroup.controllers"), `${controllers}\n`);
  return mount;
}

test("version 1 has a hierarchy for each controller", async () => {
  expect(await findHierarchies(V1)).toEqual([
    { version: 1, mount: "/sys/fs/cgroup/cpu,cpuacct", controllers: ["cpu"] },
    { version: 1, mount: "/sys/fs/cgroup/memory", controllers: ["memory"] },
    { version: 1, mount: "/sys/fs/cgroup/freezer", controllers: ["freezer"] },
  ]);
});

test("version 2 has one for all, and can freeze without saying so", async () => {
  const mount = await version2("cpuset cpu io memory pids");
  expect(await findHierarchies(`cgroup2 ${mount} cgroup2 rw 0 0\n`)).toEqual([
    { version: 2, mount, controllers: ["memory", "pids", "cpu", "freezer"] },
  ]);
});

test("with both, each controller is used once", async () => {
  const mount = await version2("hugetlb pids");
  const found = await findHierarchies(`cgroup2 ${mount} cgroup2 rw 0 0\n${V1}`);
  expect(found.at(-1)).toEqual({ version: 2, mount, controllers: ["pids"] });
  expect(found.flatMap(({ controllers }) => controllers).sort()).toEqual([
    "cpu",
    "freezer",
    "memory",
    "pids",
  ]);
  const bare = await version2("");
  expect(await findHierarchies(`cgroup2 ${bare} cgroup2 rw 0 0\n${V1}`)).toHaveLength(3);
});

test("no control groups are none", async () => {
  expect(await findHierarchies("proc /proc proc rw 0 0\n")).toEqual([]);
});

test("memory has room for the folders, and none for swapping", () => {
  const bytes = `${(100 + 20 + 2 * 10) * 1024 ** 2}`;
  expect(settings("memory", 1, LIMITS)).toEqual([
    { file: "memory.limit_in_bytes", value: bytes },
    { file: "memory.memsw.limit_in_bytes", value: bytes, mayLack: true },
  ]);
  expect(settings("memory", 2, LIMITS)).toEqual([
    { file: "memory.max", value: bytes },
    { file: "memory.swap.max", value: "0", mayLack: true },
  ]);
});

test("processes, processor and the freezer", () => {
  for (const version of [1, 2] as const) {
    expect(settings("pids", version, LIMITS)).toEqual([{ file: "pids.max", value: "65" }]);
    expect(settings("freezer", version, LIMITS)).toEqual([]);
  }
  expect(settings("cpu", 1, LIMITS)).toEqual([
    { file: "cpu.cfs_period_us", value: "100000" },
    { file: "cpu.cfs_quota_us", value: "150000" },
  ]);
  expect(settings("cpu", 2, LIMITS)).toEqual([{ file: "cpu.max", value: "150000 100000" }]);
});

test("a group is a folder with the sandbox's name", () => {
  const hierarchy = { version: 2, mount: "/sys/fs/cgroup", controllers: ["pids"] } as const;
  expect(groupIn(hierarchy, "abc-1").folder).toBe("/sys/fs/cgroup/dunlin-abc-1");
});
