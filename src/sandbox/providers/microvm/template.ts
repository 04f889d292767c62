import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import {
  chmod,
  chown,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  writeFile,
} from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { execOverWire } from "../../wire-host/exec.ts";
import { awaitGuest } from "./greeting.ts";
import type { HostFacts } from "./host.ts";
import {
  bootMachine,
  clockWords,
  ignoreSharedMemory,
  type MachinePlan,
  notStarted,
  type Place,
  pause,
  type RunningMachine,
} from "./machine.ts";
import { keepNewest, markUsed } from "./newest.ts";
import { MACHINE_FILES, qemuArguments } from "./qemu-arguments.ts";
import { removeFolder } from "./records.ts";
import { copySparse } from "./workspace-disk.ts";

/** A machine that stands still just before anything private came into it. */
export type Template = {
  readonly ram: string;
  readonly state: string;
  /** What its guest said already. */
  readonly greeting: Uint8Array;
};

/** Each takes the memory that a booted machine has touched, about 150 MB. */
const MAX_TEMPLATES = 8;
const FREEZE_TIMEOUT_MS = 30_000;
const WARM_UP_TIMEOUT_MS = 30_000;

/**
 * Everything that a template's memory depends on: a template of another key can't be resumed, or would be another
 * machine. The boot of the host is part of it, so its files need not survive a power failure.
 */
export function templateKey(
  plan: MachinePlan,
  { qemuVersion, processor, bootId }: HostFacts,
): string {
  const args = qemuArguments(plan.board, { memory: "private", resumes: true });
  const { kernel, initrd, root, blank } = plan; // their names hold their content's hash
  const content = [qemuVersion, processor, bootId, args, kernel, initrd, root, blank];
  return createHash("sha256").update(JSON.stringify(content)).digest("hex").slice(0, 24);
}

/** Undefined when there is none. */
export async function findTemplate(folder: string, key: string): Promise<Template | undefined> {
  const template = join(folder, key);
  try {
    const greeting = await readFile(join(template, "greeting"));
    await markUsed(template);
    return {
      ram: join(template, MACHINE_FILES.ram),
      state: join(template, MACHINE_FILES.state),
      greeting,
    };
  } catch {
    return undefined;
  }
}

/** Boots a machine in `place`, warms it up, stops it and keeps what it was. `place` is of no use after that. */
export async function makeTemplate(
  folder: string,
  key: string,
  plan: MachinePlan,
  place: Place,
  helloTimeoutMs: number,
): Promise<void> {
  const machine = await bootMachine(plan, place, plan.blank, "shared");
  try {
    const greeting = await readyToFreeze(machine, helloTimeoutMs);
    await freeze(machine);
    await keep(join(folder, key), machine, greeting);
  } finally {
    await machine.qemu.kill();
  }
  await keepNewest(folder, MAX_TEMPLATES);
}

export async function dropTemplate(folder: string, key: string): Promise<void> {
  await removeFolder(join(folder, key));
}

/** Runs what the first command will need, so that it finds it in memory, and leaves the wire silent. */
async function readyToFreeze(machine: RunningMachine, helloTimeoutMs: number): Promise<Uint8Array> {
  const refuse = () => {
    throw new Error("A template's guest can't reach anything.");
  };
  const { connection, greeting } = await awaitGuest(machine.qemu.wire, refuse, helloTimeoutMs);
  connection.suspend(); // a ping on its way would be lost or answered in another machine
  const warmUp = {
    argv: ["/bin/sh", "-c", "true"],
    cwd: "/",
    env: {},
    timeoutMs: WARM_UP_TIMEOUT_MS,
  };
  const result = await execOverWire(connection, warmUp, async () => "lost");
  if (result.exitCode !== 0) throw notStarted(`Its first command ended by ${result.end}.`);
  await machine.orders.give(`clock ${clockWords(Date.now())}`);
  return greeting;
}

async function freeze({ monitor, place }: RunningMachine): Promise<void> {
  const { folder, user } = place;
  await monitor.run("stop");
  await ignoreSharedMemory(monitor);
  const socket = join(folder, MACHINE_FILES.migration);
  const server = createServer();
  const received = new Promise<void>((resolve, reject) => {
    server.on("error", reject).on("connection", (stream) => {
      const file = createWriteStream(join(folder, MACHINE_FILES.state), { mode: 0o600 });
      pipeline(stream, file).then(resolve, reject);
    });
  });
  received.catch(() => {});
  try {
    await new Promise<void>((resolve) => {
      server.listen(socket, resolve);
    });
    if (user !== undefined) await chown(socket, user.uid, user.uid);
    await monitor.run("migrate", { uri: `unix:${MACHINE_FILES.migration}` });
    await untilMigrated(monitor);
    await received;
  } finally {
    server.close();
  }
}

async function untilMigrated(monitor: RunningMachine["monitor"]): Promise<void> {
  const deadline = Date.now() + FREEZE_TIMEOUT_MS;
  for (;;) {
    const answer = await monitor.run("query-migrate");
    const status = answer instanceof Object && "status" in answer ? answer.status : undefined;
    if (status === "completed") return;
    if (status === "failed" || Date.now() > deadline) {
      throw notStarted(`It could not be frozen: ${JSON.stringify(answer).slice(0, 300)}.`);
    }
    await pause(5);
  }
}

/** Of a machine that stands still. */
async function keep(
  target: string,
  { place, qemu }: RunningMachine,
  greeting: Uint8Array,
): Promise<void> {
  const unfinished = `${target}.${process.pid}`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700, recursive: true });
  const ram = join(unfinished, MACHINE_FILES.ram);
  await copySparse(await findMemory(qemu.pid), ram);
  await chmod(ram, 0o600);
  await rename(join(place.folder, MACHINE_FILES.state), join(unfinished, MACHINE_FILES.state));
  await writeFile(join(unfinished, "greeting"), greeting, { mode: 0o600 });
  await rm(target, { recursive: true, force: true });
  await rename(unfinished, target);
}

/** A machine's shared memory has no name but that of the descriptor, and is gone with the process. */
async function findMemory(pid: number): Promise<string> {
  const descriptors = `/proc/${pid}/fd`;
  for (const name of await readdir(descriptors)) {
    const path = join(descriptors, name);
    const target = await readlink(path).catch(() => ""); // it was closed meanwhile
    if (target.startsWith("/memfd:")) return path;
  }
  throw notStarted("Its memory can't be found.");
}
