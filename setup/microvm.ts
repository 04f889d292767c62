import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Failure } from "../src/errors.ts";
import { createLog } from "../src/log.ts";
import { createMicrovmProvider } from "../src/sandbox/providers/microvm/microvm-provider.ts";
import { installPackages } from "./engine.ts";
import { isInstalled, run } from "./run.ts";

type Say = (step: string) => void;

/** A program that micro-VMs need, and the Debian package it comes in. */
const NEEDED: Readonly<Record<string, string>> = {
  "qemu-system-x86_64": "qemu-system-x86",
  mke2fs: "e2fsprogs",
  mmdebstrap: "mmdebstrap",
};
/** The package that depends on the newest of the kernels for virtual machines. */
const KERNEL = "linux-image-cloud-amd64";

/**
 * Installs qemu, puts Debian's kernel and a static busybox below `data` without installing them, and makes the disk and
 * the first template by trying a machine out. Returns what the machine is.
 */
export async function prepareMicrovms(data: string, say: Say): Promise<string> {
  const folder = join(data, "microvm");
  const missing: string[] = [];
  for (const [program, name] of Object.entries(NEEDED)) {
    if (!(await isInstalled(program))) missing.push(name);
  }
  await installPackages(missing, say);
  await mkdir(folder, { recursive: true, mode: 0o755 });
  await fetchParts(join(folder, "parts"), say);
  const log = createLog("warn");
  const provider = createMicrovmProvider({ folder, log, emulationAllowed: true, onProgress: say });
  say("trying a micro-VM out");
  const { ok, runtime, findings } = await provider.probe();
  if (ok) return runtime;
  throw new Failure("unavailable", "no-microvm", `No micro-VM works here. ${findings.join(" ")}`);
}

/** What is there already is kept: another kernel would need other disks and templates. */
async function fetchParts(parts: string, say: Say): Promise<void> {
  if (existsSync(join(parts, "boot"))) return;
  say("fetching a kernel");
  const work = await mkdtemp(join(tmpdir(), "dunlin-microvm-"));
  const unpacked = `${parts}.${process.pid}`;
  try {
    const about = await run("apt-cache", ["depends", KERNEL]);
    const kernel = /Depends: (linux-image-\S+)/.exec(about)?.[1];
    if (kernel === undefined) throw noKernel();
    const asRoot = ["-o", "APT::Sandbox::User=root"];
    await run("apt-get", ["-q", ...asRoot, "download", kernel, "busybox-static"], { cwd: work });
    await mkdir(unpacked);
    for (const file of await readdir(work)) await run("dpkg", ["-x", join(work, file), unpacked]);
    await rename(unpacked, parts);
  } finally {
    await rm(work, { recursive: true, force: true });
    await rm(unpacked, { recursive: true, force: true });
  }
}

function noKernel(): Failure {
  return new Failure(
    "invalid-request",
    "no-microvm-kernel",
    `There is no package ${KERNEL} here: micro-VMs need Debian's kernel. Use Debian 12, or another provider.`,
  );
}
