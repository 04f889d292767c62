import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../../../errors.ts";
import { inTurn, turnFor } from "../../wire-host/machine-turns.ts";
import { contextFiles } from "../docker/image-context.ts";
import { GUEST, INIT, ORDERS } from "./boot-scripts.ts";
import { type CpioEntry, packCpio } from "./cpio.ts";
import { extractKernel } from "./kernel.ts";
import { keepNewest, markUsed } from "./newest.ts";

/** What a machine boots from; the paths hold the hash of everything that went in. */
export type BootFiles = {
  readonly kernel: string;
  readonly initrd: string;
  readonly digest: string;
};

/** Kernels with their guests, 55 MB each. */
const MAX_KEPT = 4;
const MODULES = [
  "drivers/virtio/virtio_ring",
  "drivers/virtio/virtio",
  "drivers/virtio/virtio_mmio",
  "drivers/block/virtio_blk",
  "drivers/char/virtio_console",
];
/** What the boot scripts call. */
const APPLETS = "sh mount insmod usleep mkdir cat unshare chroot env reboot ifconfig hostname";
const FOLDERS = [
  "bin",
  "dev",
  "proc",
  "sys",
  "lib",
  "mnt",
  "devices",
  "devices/shm",
  "devices/pts",
];
/** What a job finds in /dev. */
const DEVICES: Readonly<Record<string, readonly [number, number]>> = {
  null: [1, 3],
  zero: [1, 5],
  full: [1, 7],
  random: [1, 8],
  urandom: [1, 9],
  tty: [5, 0],
};
const DEVICE_LINKS: Readonly<Record<string, string>> = {
  fd: "/proc/self/fd",
  stdin: "/proc/self/fd/0",
  stdout: "/proc/self/fd/1",
  stderr: "/proc/self/fd/2",
  ptmx: "pts/ptmx",
};

/**
 * Unpacks the kernel and packs the initial file system, once for the same parts. `parts` is where the set-up unpacked
 * Debian's kernel and static busybox. Throws `invalid-request` (`no-microvm-parts`, `kernel-unusable`).
 */
export async function ensureBootFiles(parts: string, folder: string): Promise<BootFiles> {
  const [vmlinuz, initrd] = await Promise.all([readKernel(parts), makeInitrd(parts)]);
  const digest = createHash("sha256").update(vmlinuz).update(initrd).digest("hex").slice(0, 24);
  const target = join(folder, digest);
  const files = { kernel: join(target, "kernel"), initrd: join(target, "initrd"), digest };
  await inTurn(turnFor(target), async () => {
    if (existsSync(target)) return markUsed(target);
    const unfinished = `${target}.unfinished`;
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished, { recursive: true });
    await writeFile(join(unfinished, "kernel"), extractKernel(vmlinuz), { mode: 0o444 });
    await writeFile(join(unfinished, "initrd"), initrd, { mode: 0o444 });
    await rename(unfinished, target);
    await keepNewest(folder, MAX_KEPT);
  });
  return files;
}

async function readKernel(parts: string): Promise<Uint8Array> {
  const names = await readdir(join(parts, "boot")).catch(() => []);
  const name = names
    .filter((file) => file.startsWith("vmlinuz-"))
    .sort()
    .at(-1);
  if (name === undefined) throw noParts(`there is no kernel in ${parts}`);
  return readFile(join(parts, "boot", name));
}

async function makeInitrd(parts: string): Promise<Uint8Array> {
  const [version] = (await readdir(join(parts, "lib/modules")).catch(() => [])).sort().slice(-1);
  if (version === undefined) throw noParts(`there are no kernel modules in ${parts}`);
  const read = (path: string) =>
    readFile(join(parts, path)).catch(() => {
      throw noParts(`${path} is missing in ${parts}`);
    });
  const file = (path: string, data: Uint8Array): CpioEntry => ({ kind: "file", path, data });
  const script = (path: string, text: string) => file(path, Buffer.from(text));
  const modules = await Promise.all(
    MODULES.map(async (name) => ({
      name: `lib/${name.split("/").at(-1)}.ko`,
      data: await read(`lib/modules/${version}/kernel/${name}.ko`),
    })),
  );
  return packCpio([
    ...FOLDERS.map((path): CpioEntry => ({ kind: "folder", path })),
    { kind: "device", path: "dev/console", device: [5, 1], mode: 0o600 },
    ...devices(),
    file("bin/busybox", await read("bin/busybox")),
    ...APPLETS.split(" ").map((name): CpioEntry => {
      return { kind: "link", path: `bin/${name}`, target: "busybox" };
    }),
    ...modules.map(({ name, data }) => file(name, data)),
    ...(await guestProgram()),
    script("init", INIT),
    script("guest", GUEST),
    script("orders.pl", ORDERS),
  ]);
}

function devices(): readonly CpioEntry[] {
  const below = (name: string) => `devices/${name}`;
  return [
    ...Object.entries(DEVICES).map(([name, device]): CpioEntry => {
      return { kind: "device", path: below(name), device, mode: 0o666 };
    }),
    ...Object.entries(DEVICE_LINKS).map(([name, target]): CpioEntry => {
      return { kind: "link", path: below(name), target };
    }),
  ];
}

/** As JavaScript, below `sandbox/`: the disk need not be made anew when it changes. */
async function guestProgram(): Promise<readonly CpioEntry[]> {
  const folders = ["sandbox", "sandbox/guest", "sandbox/wire"];
  const files = (await contextFiles()).flatMap(({ path, data }): CpioEntry[] => {
    const own = /^guest\/(.+)$/.exec(path)?.[1];
    return own === undefined
      ? []
      : [{ kind: "file", path: `sandbox/${own}`, data: Buffer.from(data) }];
  });
  return [...folders.map((path): CpioEntry => ({ kind: "folder", path })), ...files];
}

function noParts(why: string): Failure {
  return new Failure(
    "invalid-request",
    "no-microvm-parts",
    `A micro-VM can't boot: ${why}. Fetch them with \`npm run setup -- microvm\`.`,
  );
}
