import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import {
  addMachine,
  identify,
  isAlive,
  readMachines,
  removeMachine,
  toInfo,
  writeRecord,
} from "../../../../../src/sandbox/providers/microvm/records.ts";

const ABOUT = { labels: { run: "1" }, createdAtMs: 1, expiresAtMs: 2 };

async function folderOfMachines(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "dunlin-machines-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test.skipIf(process.platform !== "linux")(
  "a machine is found by its record until it is removed, and its process goes with it",
  async () => {
    const machines = await folderOfMachines();
    const { record, folder } = await addMachine(machines, ABOUT);
    expect(await readMachines(machines)).toEqual([record]);
    expect(await toInfo(record)).toMatchObject({
      id: record.id,
      labels: { run: "1" },
      state: "ended",
    });

    const child = spawn("sleep", ["600"]);
    const ended = once(child, "exit");
    const machine = await identify(child.pid ?? 0);
    if (machine === undefined) throw new Error("sleep isn't there");
    const running = { ...record, machine };
    await writeRecord(folder, running);
    expect(await toInfo(running)).toMatchObject({ state: "running" });
    expect(await toInfo({ ...running, isPaused: true })).toMatchObject({ state: "paused" });

    expect(await removeMachine(machines, record.id)).toBe(true);
    expect((await ended)[1]).toBe("SIGKILL");
    expect(await isAlive(machine)).toBe(false);
    expect(await readdir(machines)).toEqual([]);
    expect(await removeMachine(machines, record.id)).toBe(false);
  },
);

test.skipIf(process.platform !== "linux")(
  "a process of the same number that started at another time is another one",
  async () => {
    const own = await identify(process.pid);
    if (own === undefined) throw new Error("this process isn't there");
    expect(await isAlive(own)).toBe(true);
    expect(await isAlive({ ...own, startedAt: "1" })).toBe(false);
  },
);

test("a name that is no machine's removes nothing", async () => {
  const machines = await folderOfMachines();
  expect(await removeMachine(machines, "..")).toBe(false);
  expect(await removeMachine(join(machines, "missing"), "vm-000000000000000000000000")).toBe(false);
  expect(await readMachines(join(machines, "missing"))).toEqual([]);
});
