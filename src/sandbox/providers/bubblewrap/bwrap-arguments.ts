import { type SandboxLimits, WORKSPACE } from "../../sandbox.ts";
import { type Group, temporaryMiB } from "./control-groups.ts";
import type { SandboxUsers } from "./user-namespace.ts";

/** Where the launcher's private view of the host holds the sandbox's own files; every Linux has the folder. */
export const STAGE = "/mnt";

/** What differs from host to host. */
export type HostLayout = {
  /** Top-level names that are links into `/usr`, with what they say; e.g. `bin` → `usr/bin`. */
  readonly links: ReadonlyMap<string, string>;
  /** Top-level folders beside `/usr` with programs and libraries, where it isn't merged; e.g. `bin`. */
  readonly folders: readonly string[];
  /** What there is in `/proc`. */
  readonly proc: ReadonlySet<string>;
};

/** Shown as the host has them: what finds libraries, programs and public certificates. */
const HOST_ETC = [
  "alternatives",
  "crypto-policies",
  "debian_version",
  "ld.so.cache",
  "ld.so.conf",
  "ld.so.conf.d",
  "localtime",
  "mime.types",
  "os-release",
  "pki/ca-trust/extracted",
  "pki/tls/certs",
  "protocols",
  "services",
  "ssl/certs",
  "ssl/openssl.cnf",
];
const OWN_ETC = ["group", "hostname", "hosts", "nsswitch.conf", "passwd"];

/** Of the kernel's own: read-only, as in a container. */
const READ_ONLY_PROC = ["bus", "fs", "irq", "sys"];
/** What tells of the host or of other processes; a link to nothing can't be opened. */
const HIDDEN_PROC_FILES = [
  "cmdline",
  "interrupts",
  "kallsyms",
  "kcore",
  "key-users",
  "keys",
  "kmsg",
  "latency_stats",
  "sched_debug",
  "sysrq-trigger",
  "timer_list",
  "timer_stats",
];
const HIDDEN_PROC_FOLDERS = ["acpi", "asound", "scsi"];

/** Left to itself, bwrap makes what leads to a file for root alone. */
const FOLDERS = [
  ...["etc", "etc/pki", "etc/pki/ca-trust", "etc/pki/tls", "etc/ssl"],
  ...["home", "opt", "sys", "sys/fs", "sys/fs/cgroup"],
];

const SHM_BYTES = 64 * 1024 ** 2;
const RUN_BYTES = 1024 ** 2;

/** All that bwrap is told but for the descriptors and the program. Everything a job meets is named here. */
export function bwrapArguments(layout: HostLayout, groups: readonly Group[]): readonly string[] {
  return [
    ...["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup"],
    ...["--new-session", "--die-with-parent", "--clearenv", "--hostname", "sandbox"],
    ...["--cap-drop", "ALL"],
    ...["CAP_SETUID", "CAP_SETGID", "CAP_KILL"].flatMap((name) => ["--cap-add", name]),
    ...FOLDERS.flatMap((name) => ["--perms", "0755", "--dir", `/${name}`]),
    ...programs(layout),
    ...OWN_ETC.flatMap((name) => ["--ro-bind", `${STAGE}/etc/${name}`, `/etc/${name}`]),
    ...HOST_ETC.flatMap((name) => ["--ro-bind-try", `/etc/${name}`, `/etc/${name}`]),
    ...kernelFiles(layout),
    ...groups.flatMap(showGroup),
    ...["--size", `${RUN_BYTES}`, "--perms", "0755", "--tmpfs", "/run"],
    ...["--bind", `${STAGE}/stage/tmp`, "/tmp"],
    ...["--bind", `${STAGE}/stage/home`, "/home/job"],
    ...["--bind", `${STAGE}/stage/workspace`, WORKSPACE],
    ...["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/"],
  ];
}

/** `/usr/local` is where a machine's own things are, so it is Dunlin's instead. */
function programs({ links, folders }: HostLayout): readonly string[] {
  return [
    ...["--ro-bind", "/usr", "/usr"],
    ...[...links].flatMap(([name, target]) => ["--symlink", target, `/${name}`]),
    ...folders.flatMap((name) => ["--ro-bind", `/${name}`, `/${name}`]),
    ...["--ro-bind", `${STAGE}/toolchain/usr/local`, "/usr/local"],
    ...["--ro-bind", `${STAGE}/toolchain/opt/dunlin`, "/opt/dunlin"],
  ];
}

function kernelFiles({ proc }: HostLayout): readonly string[] {
  const there = (names: readonly string[]) => names.filter((name) => proc.has(name));
  return [
    ...["--proc", "/proc"],
    ...there(READ_ONLY_PROC).flatMap((name) => ["--ro-bind", `/proc/${name}`, `/proc/${name}`]),
    ...there(HIDDEN_PROC_FILES).flatMap((name) => ["--ro-bind", "/dev/null", `/proc/${name}`]),
    ...there(HIDDEN_PROC_FOLDERS).flatMap((name) => [
      ...["--perms", "0555", "--tmpfs", `/proc/${name}`],
      ...["--remount-ro", `/proc/${name}`],
    ]),
    ...["--dev", "/dev"],
    ...["--size", `${SHM_BYTES}`, "--perms", "1777", "--tmpfs", "/dev/shm"],
  ];
}

/** A job may see its own limits: runtimes size themselves by them, and the guest counts kills there. */
function showGroup({ version, folder, controllers }: Group): readonly string[] {
  if (version === 2) return ["--ro-bind", folder, "/sys/fs/cgroup"];
  const [name] = controllers;
  return name === undefined ? [] : ["--ro-bind", folder, `/sys/fs/cgroup/${name}`];
}

/** Sizes and owners of the three folders that a job can write to, as `mount -o` takes them. */
export function folderOptions(
  { workspaceMiB }: SandboxLimits,
  users: SandboxUsers,
): { readonly tmp: string; readonly home: string; readonly workspace: string } {
  const common = "nosuid,nodev,nr_inodes=500k";
  const own = `${common},mode=0755,uid=${users.job},gid=${users.job}`;
  const rest = temporaryMiB(workspaceMiB);
  return {
    tmp: `${common},mode=1777,uid=${users.root},gid=${users.root},size=${rest}m`,
    home: `${own},size=${rest}m`,
    workspace: `${own},size=${workspaceMiB}m`,
  };
}
