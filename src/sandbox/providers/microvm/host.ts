import { execFile } from "node:child_process";
import { access, constants, readFile, stat } from "node:fs/promises";
import { promisify } from "node:util";
import { QEMU } from "./qemu-process.ts";

const execute = promisify(execFile);

/** Whether a process without rights can use the processor's virtualization, and by which group. */
export type Kvm =
  | { readonly usable: true; readonly group: number | undefined }
  | { readonly usable: false; readonly why: string };

/** What a micro-VM's programs and the host's processor are. */
export type HostFacts = {
  readonly qemuVersion: string;
  readonly processor: string;
  /** Processors and kernel are the same for as long as this is. */
  readonly bootId: string;
  readonly tscKhz: number;
  readonly kvm: Kvm;
};

/** Either all that is needed, or one sentence for each thing that is missing. */
export async function lookAtHost(): Promise<HostFacts | readonly string[]> {
  if (process.platform !== "linux" || process.arch !== "x64") {
    return [`Micro-VMs need Linux on x86-64; this is ${process.platform} on ${process.arch}.`];
  }
  const programs = [QEMU, "setpriv", "prlimit", "mke2fs", "tune2fs", "debugfs", "cp", "tar"];
  const found = await Promise.all(programs.map(isInstalled));
  const missing = programs.filter((_, index) => !found[index]);
  if (missing.length > 0) {
    return [
      `Missing: ${missing.join(", ")}. Install what micro-VMs need with \`npm run setup -- microvm\`.`,
    ];
  }
  const { stdout } = await execute(QEMU, ["--version"]);
  const cpuinfo = await readFile("/proc/cpuinfo", "utf8");
  return {
    qemuVersion: stdout.split("\n")[0] ?? "",
    processor: parseProcessor(cpuinfo).model,
    tscKhz: parseProcessor(cpuinfo).khz,
    bootId: (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim(),
    kvm: await lookAtKvm(),
  };
}

/** Of the first processor in the text of `/proc/cpuinfo`. */
export function parseProcessor(cpuinfo: string): { readonly model: string; readonly khz: number } {
  const field = (name: string) => new RegExp(`^${name}\\s*: (.*)$`, "m").exec(cpuinfo)?.[1] ?? "";
  const model = ["vendor_id", "cpu family", "model", "stepping", "model name", "flags"].map(field);
  return { model: model.join("/"), khz: Math.round(Number(field("cpu MHz")) * 1000) };
}

async function isInstalled(program: string): Promise<boolean> {
  for (const folder of ["/usr/sbin", "/usr/bin", "/sbin", "/bin"]) {
    try {
      await access(`${folder}/${program}`, constants.X_OK);
      return true;
    } catch {
      // perhaps in the next
    }
  }
  return false;
}

async function lookAtKvm(): Promise<Kvm> {
  const found = await stat("/dev/kvm").catch(() => undefined);
  if (found === undefined) return { usable: false, why: "there is no /dev/kvm" };
  if (process.getuid?.() !== 0) {
    const mine = access("/dev/kvm", constants.R_OK | constants.W_OK);
    const isMine = await mine.then(
      () => true,
      () => false,
    );
    const why = "this user may not open /dev/kvm (add it to the group kvm)";
    return isMine ? { usable: true, group: undefined } : { usable: false, why };
  }
  if ((found.mode & 0o006) === 0o006) return { usable: true, group: undefined };
  if ((found.mode & 0o060) === 0o060 && found.gid !== 0) return { usable: true, group: found.gid };
  return {
    usable: false,
    why: "only root may open /dev/kvm and qemu never runs as root (give the device to a group: `chgrp kvm /dev/kvm && chmod 660 /dev/kvm`)",
  };
}
