import { expect, test } from "vitest";
import {
  confinedCommand,
  pickUser,
} from "../../../../../src/sandbox/providers/microvm/confinement.ts";
import {
  type Board,
  qemuArguments,
} from "../../../../../src/sandbox/providers/microvm/qemu-arguments.ts";

const BOARD: Board = {
  accelerator: "tcg",
  ramMiB: 700,
  memoryMiB: 512,
  tmpMiB: 32,
  cpus: 1.5,
  tscKhz: 2_596_138,
};
const COLD = { memory: "private", resumes: false } as const;

function after(args: readonly string[], option: string): string[] {
  return args.flatMap((word, index) => (word === option ? [args[index + 1] ?? ""] : []));
}

test("the machine has two disks and one serial device, and nothing that leads outside", () => {
  const args = qemuArguments(BOARD, COLD);
  expect(after(args, "-device").map((device) => device.split(",")[0])).toEqual([
    "virtio-blk-device",
    "virtio-blk-device",
    "virtio-serial-device",
    "virtserialport",
    "virtserialport",
  ]);
  expect(args).toContain("-nodefaults");
  expect(args.join(" ")).not.toMatch(/-netdev|-nic|-net |virtio-net|-virtfs|-usb/);
});

test("only the workspace can be written to", () => {
  const drives = after(qemuArguments(BOARD, COLD), "-drive");
  expect(drives.filter((drive) => !drive.includes("readonly=on"))).toEqual([
    expect.stringContaining("file=workspace.ext4"),
  ]);
});

test("memory and processors are what the board says, and qemu may start nothing", () => {
  const args = qemuArguments(BOARD, COLD);
  expect(after(args, "-m")).toEqual(["700M"]);
  expect(after(args, "-smp")).toEqual(["2"]);
  expect(after(args, "-append")[0]).toContain("memory_mib=512");
  expect(after(args, "-sandbox")[0]).toMatch(/^on,.*elevateprivileges=deny,spawn=deny/);
});

test("every file is in the machine's own folder", () => {
  for (const resumes of [true, false]) {
    const words = qemuArguments(BOARD, { memory: "shared", resumes }).join(" ");
    expect(words).not.toMatch(/[=\s]\//);
  }
});

test("a template differs from what goes on from it by its memory only", () => {
  const template = qemuArguments(BOARD, { memory: "shared", resumes: false });
  const resumed = qemuArguments(BOARD, { memory: "private", resumes: true });
  const differing = resumed.filter((word) => !template.includes(word));
  expect(differing).toEqual([expect.stringContaining("share=off"), "-incoming", "defer"]);
});

test("a machine that is to be a template has its memory in no folder, another one in its own", () => {
  const memory = (kind: "shared" | "private") =>
    after(qemuArguments(BOARD, { memory: kind, resumes: false }), "-object").join();
  expect(memory("shared")).toBe("memory-backend-memfd,share=on,id=ram,size=700M");
  expect(memory("private")).toBe("memory-backend-file,mem-path=ram,share=off,id=ram,size=700M");
});

test("an emulated processor is told how fast the clock runs; a real one is the host's", () => {
  const kvm = qemuArguments({ ...BOARD, accelerator: "kvm" }, COLD);
  expect(after(qemuArguments(BOARD, COLD), "-append")[0]).toContain("tsc_early_khz=2596138");
  expect(after(kvm, "-append")[0]).not.toContain("tsc_early_khz");
  expect(after(kvm, "-cpu")).toEqual(["host"]);
});

test("qemu runs as a user of its own, without rights, and dies with its parent", () => {
  const words = confinedCommand({ uid: 1_900_000_001 }, 4096, ["qemu", "-m", "1M"]).join(" ");
  for (const part of [
    "--reuid=1900000001 --regid=1900000001 --clear-groups",
    "--bounding-set=-all",
    "--no-new-privs",
    "--pdeathsig=KILL",
    "--core=0",
    "--fsize=4096",
  ]) {
    expect(words).toContain(part);
  }
  expect(words.endsWith(" qemu -m 1M")).toBe(true);
  expect(confinedCommand({ uid: 7, kvmGroup: 104 }, 1, []).join(" ")).toContain("--groups=104");
});

test("an ordinary user keeps its own identity, which it can't change", () => {
  const words = confinedCommand(undefined, 4096, ["qemu"]).join(" ");
  expect(words).not.toMatch(/reuid|groups|nproc|bounding/);
  expect(words).toContain("--no-new-privs --pdeathsig=KILL qemu");
});

test("users are drawn from a range that nobody else gives out", () => {
  expect(pickUser(0, undefined)).toEqual({ uid: 0x7000_0000 });
  expect(pickUser(0.999_999_99, 12)).toEqual({ uid: 0x70ff_ffff, kvmGroup: 12 });
});
