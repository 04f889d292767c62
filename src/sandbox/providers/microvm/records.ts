import { randomBytes } from "node:crypto";
import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { Failure } from "../../../errors.ts";
import type { SandboxInfo } from "../../sandbox.ts";
import { removeGroups } from "./host-groups.ts";

const processId = z.strictObject({ pid: z.int().positive(), startedAt: z.string() });
const record = z.strictObject({
  id: z.string(),
  labels: z.record(z.string(), z.string()),
  createdAtMs: z.number(),
  expiresAtMs: z.number(),
  /** The Dunlin that made it; without it, the machine is a left-over. */
  owner: processId,
  machine: processId.optional(),
  isPaused: z.boolean(),
});

/** What is kept of a machine for other processes: `vms/<id>/record.json`. */
export type MachineRecord = z.output<typeof record>;

/** A process that no later one can be taken for: its number and when it started, in the kernel's ticks. */
export type ProcessId = z.output<typeof processId>;

const RECORD = "record.json";

/** The machine's own folder, with its record in it from the first moment on. */
export async function addMachine(
  folder: string,
  about: Pick<MachineRecord, "labels" | "createdAtMs" | "expiresAtMs">,
): Promise<{ readonly record: MachineRecord; readonly folder: string }> {
  const id = `vm-${randomBytes(12).toString("hex")}`;
  const owner = await identify(process.pid);
  if (owner === undefined) throw new Error("This process isn't in /proc.");
  const added = { ...about, id, owner, isPaused: false };
  const target = join(folder, id);
  const unfinished = join(folder, `.${id}`);
  await mkdir(unfinished, { recursive: true, mode: 0o700 });
  await writeRecord(unfinished, added);
  await rename(unfinished, target);
  return { record: added, folder: target };
}

/** Replaces the record in a machine's folder. */
export async function writeRecord(machineFolder: string, content: MachineRecord): Promise<void> {
  const unfinished = join(machineFolder, `.${RECORD}`);
  await writeFile(unfinished, JSON.stringify(content), { mode: 0o600 });
  await rename(unfinished, join(machineFolder, RECORD));
}

/** All machines; one that is being removed meanwhile is left out. */
export async function readMachines(folder: string): Promise<readonly MachineRecord[]> {
  const names = await readdir(folder).catch(noneYet);
  const found = await Promise.all(
    names.filter(isMachineId).map((name) => readMachine(join(folder, name))),
  );
  return found.filter((entry) => entry !== undefined);
}

export async function readMachine(machineFolder: string): Promise<MachineRecord | undefined> {
  try {
    return record.parse(JSON.parse(await readFile(join(machineFolder, RECORD), "utf8")));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** Kills what runs of it and removes its folder. Returns whether there was one. */
export async function removeMachine(folder: string, id: string): Promise<boolean> {
  if (!isMachineId(id)) return false;
  const target = join(folder, id);
  const found = await readMachine(target);
  if (found?.machine !== undefined) await killProcess(found.machine);
  if (found !== undefined) {
    await removeGroups(id);
    await removeFolder(target);
  }
  return found !== undefined;
}

export async function removeFolder(folder: string): Promise<void> {
  // Its owner may have been another user; root, and that user itself, can enter it again.
  await chmod(folder, 0o700).catch(() => {});
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}

export async function toInfo(found: MachineRecord): Promise<SandboxInfo> {
  const { id, labels, createdAtMs, expiresAtMs, machine, isPaused } = found;
  const lives = machine !== undefined && (await isAlive(machine));
  const state = isPaused ? "paused" : "running";
  return { id, labels, createdAtMs, expiresAtMs, state: lives ? state : "ended" };
}

/** Undefined when there is no such process. */
export async function identify(pid: number): Promise<ProcessId | undefined> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, "utf8");
    // After the name, which may hold anything: state is field 3, the start time field 22.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z") return undefined;
    return { pid, startedAt: fields[19] ?? "" };
  } catch {
    return undefined;
  }
}

export async function isAlive({ pid, startedAt }: ProcessId): Promise<boolean> {
  return (await identify(pid))?.startedAt === startedAt;
}

const KILL_TIMEOUT_MS = 15_000;

async function killProcess(target: ProcessId): Promise<void> {
  const deadline = Date.now() + KILL_TIMEOUT_MS;
  while (await isAlive(target)) {
    if (Date.now() > deadline) throw notEnded(target);
    try {
      process.kill(target.pid, "SIGKILL");
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "EPERM")
        throw notEnded(target);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function notEnded({ pid }: ProcessId): Failure {
  return new Failure(
    "unavailable",
    "qemu-not-ended",
    `The micro-VM's process ${pid} doesn't end; look at what the kernel says about it (dmesg), or end it as its owner.`,
  );
}

function isMachineId(name: string): boolean {
  return /^vm-[0-9a-f]{24}$/.test(name);
}

function noneYet(error: unknown): string[] {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
  throw error;
}
