/** What the machine is made of, beyond its files. All of it is the same in a template and in what goes on from it. */
export type Board = {
  readonly accelerator: "kvm" | "tcg";
  /** Memory of the whole machine, its kernel's included. */
  readonly ramMiB: number;
  /** What the sandbox's processes may use of it. */
  readonly memoryMiB: number;
  /** Each of the two folders for temporary files, which lie in memory. */
  readonly tmpMiB: number;
  /** The machine has so many processors, rounded up. */
  readonly cpus: number;
  /** How fast the host's time stamp counter runs; an emulated machine can't measure it. */
  readonly tscKhz: number;
};

/** Names in the machine's own folder, which is where qemu runs. */
export const MACHINE_FILES = {
  kernel: "kernel",
  initrd: "initrd",
  root: "root.ext4",
  workspace: "workspace.ext4",
  ram: "ram",
  /** The devices' state, which comes with `ram` from a template. */
  state: "state",
  migration: "migration",
} as const;

/** Descriptors that qemu inherits. */
export const MACHINE_FDS = { wire: 3, orders: 4, monitor: 5, state: 6 } as const;

const DENIALS = "obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny";

/** Translated code of an emulated processor is kept in this much memory; a boot alone fills the half. */
const TRANSLATION_MIB = 256;

/**
 * The machine: a board without any bus but the virtual devices named here, no network, no screen, no firmware of its
 * own. With `memory: "shared"` it can be copied from the process, which has it in a nameless file; else what the machine
 * writes stays apart from its RAM file.
 */
export function qemuArguments(
  board: Board,
  { memory, resumes }: { readonly memory: "shared" | "private"; readonly resumes: boolean },
): readonly string[] {
  const { kernel, initrd, root, workspace, ram } = MACHINE_FILES;
  const { wire, orders, monitor } = MACHINE_FDS;
  const backend =
    memory === "shared"
      ? "memory-backend-memfd,share=on"
      : `memory-backend-file,mem-path=${ram},share=off`;
  const disk = (id: string, file: string, more: string) => [
    ["-drive", `if=none,id=${id},file=${file},format=raw,${more}`],
    ["-device", `virtio-blk-device,drive=${id}`],
  ];
  const port = (id: string, fd: number) => [
    ["-chardev", `socket,id=${id},fd=${fd}`],
    ["-device", `virtserialport,chardev=${id},name=dunlin.${id}`],
  ];
  return [
    ["-nodefaults", "-no-user-config", "-no-reboot"],
    ["-display", "none", "-serial", "none"],
    ["-sandbox", `on,${DENIALS}`],
    processorArguments(board),
    ["-m", `${board.ramMiB}M`],
    ["-object", `${backend},id=ram,size=${board.ramMiB}M`],
    [
      "-machine",
      "microvm,acpi=on,x-option-roms=off,rtc=on,pic=on,pit=on,isa-serial=on,memory-backend=ram",
    ],
    ["-kernel", kernel, "-initrd", initrd, "-append", kernelParameters(board)],
    ...disk("root", root, "readonly=on,cache=unsafe"),
    ...disk("workspace", workspace, "cache=unsafe,discard=unmap"),
    ["-device", "virtio-serial-device,max_ports=3"],
    ...port("wire", wire),
    ...port("orders", orders),
    ["-chardev", `socket,id=monitor,fd=${monitor}`, "-mon", "chardev=monitor,mode=control"],
    resumes ? ["-incoming", "defer"] : [],
  ].flat();
}

function processorArguments({ accelerator, cpus }: Board): readonly string[] {
  const smp = ["-smp", String(Math.max(1, Math.ceil(cpus)))];
  if (accelerator === "kvm") return ["-accel", "kvm", "-cpu", "host", ...smp];
  return ["-accel", `tcg,thread=multi,tb-size=${TRANSLATION_MIB}`, "-cpu", "max", ...smp];
}

/** The last two are no parameters of the kernel's: it hands them to process 1 as its environment. */
function kernelParameters({ accelerator, tscKhz, memoryMiB, tmpMiB }: Board): string {
  return [
    "quiet loglevel=0 panic=-1 reboot=t",
    "random.trust_cpu=on cryptomgr.notests rcupdate.rcu_expedited=1 8250.nr_uarts=0 audit=0 apparmor=0",
    // Without a hint the emulated board's timer calibration fails now and then, and the boot with it.
    ...(accelerator === "tcg" ? [`no_timer_check tsc=reliable tsc_early_khz=${tscKhz}`] : []),
    `memory_mib=${memoryMiB} tmp_mib=${tmpMiB}`,
  ].join(" ");
}
