import { chmod, chown, link, open, unlink } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../../../errors.ts";
import type { QemuUser } from "./confinement.ts";
import { enterGroups } from "./host-groups.ts";
import { type Monitor, openMonitor } from "./monitor.ts";
import { type Orders, takeOrders } from "./orders.ts";
import { type Board, MACHINE_FILES, qemuArguments } from "./qemu-arguments.ts";
import { type QemuProcess, startQemu } from "./qemu-process.ts";
import { identify, type MachineRecord, writeRecord } from "./records.ts";
import { copySparse, sizeOf } from "./workspace-disk.ts";

/** All that makes a machine before anything private is in it; equal plans give equal machines. */
export type MachinePlan = {
  readonly board: Board;
  /** Absolute paths of files that all machines share and none can write. */
  readonly kernel: string;
  readonly initrd: string;
  readonly root: string;
  /** The disk that a workspace starts from. */
  readonly blank: string;
};

/** A machine's own folder under `vms/`. */
export type Place = {
  readonly folder: string;
  readonly record: MachineRecord;
  readonly user: QemuUser | undefined;
};

export type RunningMachine = {
  readonly place: Place;
  readonly qemu: QemuProcess;
  readonly monitor: Monitor;
  readonly orders: Orders;
};

const ORDER_TIMEOUT_MS = 30_000;
const RESUME_TIMEOUT_MS = 15_000;
const POLL_MS = 2;

/** Starts the machine's kernel. With `shared` memory it can become a template. */
export async function bootMachine(
  plan: MachinePlan,
  place: Place,
  workspace: string,
  memory: "shared" | "private",
): Promise<RunningMachine> {
  await furnish(plan, place, workspace);
  return start(plan, place, qemuArguments(plan.board, { memory, resumes: false }));
}

/** Goes on from where a template stood, on a private copy of its memory. */
export async function resumeMachine(
  plan: MachinePlan,
  place: Place,
  workspace: string,
  template: { readonly ram: string; readonly state: string },
): Promise<RunningMachine> {
  const { folder, user } = place;
  const ram = join(folder, MACHINE_FILES.ram);
  await Promise.all([furnish(plan, place, workspace), copySparse(template.ram, ram)]);
  await own(ram, user);
  const state = await open(template.state);
  try {
    const args = qemuArguments(plan.board, { memory: "private", resumes: true });
    const machine = await start(plan, place, args, state.fd);
    await unlink(ram); // nobody else needs it by its name, and it goes with the process
    await letIn(machine.monitor);
    return machine;
  } finally {
    await state.close();
  }
}

async function furnish(plan: MachinePlan, { folder, user }: Place, from: string): Promise<void> {
  const workspace = join(folder, MACHINE_FILES.workspace);
  await Promise.all([
    link(plan.kernel, join(folder, MACHINE_FILES.kernel)),
    link(plan.initrd, join(folder, MACHINE_FILES.initrd)),
    link(plan.root, join(folder, MACHINE_FILES.root)),
    copySparse(from, workspace),
  ]);
  await own(workspace, user);
  await own(folder, user, 0o700);
}

async function own(path: string, user: QemuUser | undefined, mode = 0o600): Promise<void> {
  await chmod(path, mode);
  if (user !== undefined) await chown(path, user.uid, user.uid);
}

async function start(
  plan: MachinePlan,
  place: Place,
  args: readonly string[],
  stateFd?: number,
): Promise<RunningMachine> {
  const { folder, user } = place;
  const ramBytes = plan.board.ramMiB * 1024 ** 2;
  const maxFileBytes = Math.max(ramBytes, await sizeOf(plan.blank));
  const resumed = stateFd === undefined ? {} : { stateFd };
  const qemu = await startQemu({ folder, args, user, maxFileBytes, ...resumed });
  try {
    const machine = await identify(qemu.pid);
    if (machine === undefined) throw new Error(await qemu.ended);
    await writeRecord(folder, { ...place.record, machine });
    await enterGroups(place.record.id, qemu.pid, plan.board);
    const monitor = await openMonitor(qemu.monitor);
    const orders = takeOrders(qemu.orders, ORDER_TIMEOUT_MS);
    return { place: { ...place, record: { ...place.record, machine } }, qemu, monitor, orders };
  } catch (error) {
    await qemu.kill();
    throw notStarted(await qemu.ended, error);
  }
}

/** The RAM file is there already: only the devices' state is read. */
async function letIn(monitor: Monitor): Promise<void> {
  await ignoreSharedMemory(monitor);
  await monitor.run("migrate-incoming", { uri: "fd:6" });
  const deadline = Date.now() + RESUME_TIMEOUT_MS;
  let status = await runState(monitor);
  while (status === "inmigrate") {
    if (Date.now() > deadline) throw notStarted("The template's state was not read in time.");
    await pause(POLL_MS);
    status = await runState(monitor);
  }
  if (status !== "running") await monitor.run("cont");
}

export async function ignoreSharedMemory(monitor: Monitor): Promise<void> {
  const capabilities = [{ capability: "x-ignore-shared", state: true }];
  await monitor.run("migrate-set-capabilities", { capabilities });
}

async function runState(monitor: Monitor): Promise<string> {
  const answer = await monitor.run("query-status");
  return answer instanceof Object && "status" in answer ? String(answer.status) : "";
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** Seconds and nanoseconds of now, as the machine's orders take the time. */
export function clockWords(nowMs: number): string {
  return `${Math.floor(nowMs / 1000)} ${(nowMs % 1000) * 1_000_000}`;
}

export function notStarted(why: string, cause?: unknown): Failure {
  return new Failure(
    "unavailable",
    "sandbox-not-started",
    `The micro-VM did not start. ${why.trim()} Try again, or look at what \`probe\` finds.`,
    { cause },
  );
}
