import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { access, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  findHierarchies,
  type Group,
  groupIn,
  type Hierarchy,
  makeGroup,
  processesIn,
  removeGroup,
} from "../../src/sandbox/providers/bubblewrap/control-groups.ts";
import { endSandbox } from "../../src/sandbox/providers/bubblewrap/ending.ts";
import { freeze, isFrozen, thaw } from "../../src/sandbox/providers/bubblewrap/freezer.ts";
import { identifyProcess, isAlive } from "../../src/sandbox/providers/bubblewrap/process-id.ts";
import { createRecords } from "../../src/sandbox/providers/bubblewrap/records.ts";

const LIMITS = { cpus: 1, memoryMiB: 64, pids: 16, workspaceMiB: 16 };
const mounts = await readFile("/proc/self/mounts", "utf8");

/** The freezer of this version, whatever else the kernel has bound to it. */
async function freezerOf(version: 1 | 2): Promise<Hierarchy | undefined> {
  const lines = mounts
    .split("\n")
    .filter((line) => line.split(" ")[2] === `cgroup${version === 2 ? "2" : ""}`);
  const found = await findHierarchies(lines.join("\n"));
  const freezer = found.find(({ controllers }) => controllers.includes("freezer"));
  return freezer === undefined ? undefined : { ...freezer, controllers: ["freezer"] };
}

describe.each([1, 2] as const)("control groups of version %i", async (version) => {
  const hierarchy = await freezerOf(version);
  const canUse = hierarchy !== undefined && process.getuid?.() === 0;
  const reason = canUse ? "" : " (skipped: it isn't mounted here, or this isn't root)";

  async function groupWithProcess(): Promise<{ group: Group; id: string; pid: number }> {
    if (hierarchy === undefined) throw new Error("There is no such hierarchy.");
    const id = randomUUID();
    const group = groupIn(hierarchy, id);
    await makeGroup(group, LIMITS);
    const child = spawn("sleep", ["600"]);
    await once(child, "spawn");
    const pid = child.pid ?? 0;
    onTestFinished(async () => {
      await thaw(group).catch(() => {}); // it is gone, as it should be
      child.kill("SIGKILL");
      await expect.poll(() => removeGroup(group)).toBe(true);
    });
    await writeFile(join(group.folder, "cgroup.procs"), `${pid}`);
    return { group, id, pid };
  }

  test.skipIf(!canUse)(`a frozen group stands still until it is thawed${reason}`, async () => {
    const { group, pid } = await groupWithProcess();
    expect(await processesIn(group)).toEqual([pid]);
    expect(await isFrozen(group)).toBe(false);
    await freeze(group);
    expect(await isFrozen(group)).toBe(true);
    await thaw(group);
    await expect.poll(() => isFrozen(group)).toBe(false);
    expect(await removeGroup(group)).toBe(false);
  });

  test.skipIf(!canUse)(`what stands still can be ended, and ended again${reason}`, async () => {
    const { group, id, pid } = await groupWithProcess();
    const [known, owner] = [await identifyProcess(pid), await identifyProcess(process.pid)];
    if (known === undefined || owner === undefined) throw new Error("A process isn't found.");
    const folder = await mkdtemp(join(tmpdir(), "dunlin-groups-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const records = createRecords(folder);
    const times = { createdAtMs: 1, expiresAtMs: 2 };
    const record = { id, labels: {}, ...times, owner, groups: [group] };
    await records.write(record);
    await freeze(group);
    await Promise.all([endSandbox(record, records), endSandbox(record, records)]);
    await endSandbox(record, records);
    expect(await isAlive(known)).toBe(false);
    await expect(access(group.folder)).rejects.toMatchObject({ code: "ENOENT" });
    expect(await records.all()).toEqual([]);
  });
});
