import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { lookAtHost } from "../../../../../src/sandbox/providers/bubblewrap/host.ts";
import {
  identifyProcess,
  isAlive,
} from "../../../../../src/sandbox/providers/bubblewrap/process-id.ts";
import {
  createRecords,
  type SandboxRecord,
} from "../../../../../src/sandbox/providers/bubblewrap/records.ts";

const OWNER = { pid: 1, startedAt: "7", boot: "b" };
const RECORD: SandboxRecord = {
  id: "a-1",
  labels: { run: "7" },
  createdAtMs: 1,
  expiresAtMs: 2,
  owner: OWNER,
  groups: [{ version: 1, folder: "/sys/fs/cgroup/pids/dunlin-a-1", controllers: ["pids"] }],
};

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "dunlin-records-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, "sandboxes");
}

test("a record is kept, replaced and forgotten", async () => {
  const folder = await emptyFolder();
  const records = createRecords(folder);
  expect(await records.all()).toEqual([]);
  expect(await records.read("a-1")).toBeUndefined();
  await records.write(RECORD);
  await records.write({ ...RECORD, init: { ...OWNER, pid: 2 } });
  expect(await records.all()).toEqual([{ ...RECORD, init: { ...OWNER, pid: 2 } }]);
  await records.forget("a-1");
  await records.forget("a-1");
  expect(await readdir(folder)).toEqual([]);
});

test.each([
  ["half of a file", JSON.stringify(RECORD).slice(0, 50)],
  ["another program's file", '{"pid":1}'],
  [
    "a folder that isn't a sandbox's",
    JSON.stringify({ ...RECORD, groups: [{ ...RECORD.groups[0], folder: "/etc" }] }),
  ],
])("%s is no record, and no record that isn't there", async (_, text) => {
  const folder = await emptyFolder();
  const records = createRecords(folder);
  await records.write(RECORD);
  await writeFile(join(folder, "b-2.json"), text);
  const failure = { kind: "unavailable", code: "sandbox-record-unreadable" };
  await expect(records.all()).rejects.toMatchObject(failure);
  await expect(records.read("b-2")).rejects.toMatchObject(failure);
});

test("a process is known by its start, not by its number", async () => {
  const child = spawn("sleep", ["600"]);
  await once(child, "spawn");
  const known = await identifyProcess(child.pid ?? 0);
  if (known === undefined) throw new Error("The child isn't found.");
  expect(await isAlive(known)).toBe(true);
  expect(await isAlive({ ...known, startedAt: "1" })).toBe(false);
  expect(await isAlive({ ...known, boot: "another" })).toBe(false);
  child.kill("SIGKILL");
  await once(child, "close");
  expect(await isAlive(known)).toBe(false);
});

test("without root there are no sandboxes, and the reason is said", async () => {
  vi.spyOn(process, "getuid").mockReturnValue(1000);
  onTestFinished(() => void vi.restoreAllMocks());
  expect(await lookAtHost("trial-x")).toMatch(/isn't root here.*Run Dunlin as root/);
});
