import type Docker from "dockerode";
import { OUTLIVES_LABEL } from "../../reaper.ts";
import { type SandboxLimits, type SandboxSpec, WORKSPACE } from "../../sandbox.ts";
import { GUEST_ARGV } from "./image.ts";
import { MASKED_PATHS } from "./masked-paths.ts";
import type { RuntimeChoice } from "./runtime.ts";
import { seccompProfile } from "./seccomp.ts";

const MIB = 1024 ** 2;
const MAX_FILE_BYTES = 2 * 1024 ** 3;
const MAX_OPEN_FILES = 8192;
/** Every container that a Dunlin makes has it. */
export const OWNER_LABEL = "dunlin";
/** When the time is over that it was made for, in milliseconds since 1970. */
export const EXPIRY_LABEL = "dunlin.expires";

export type ContainerChoice = Pick<RuntimeChoice, "runtime" | "isGvisor"> &
  Partial<Pick<RuntimeChoice, "held">>;

/** Everything that stands between a command and the host is here, and all of it has a test. */
export function containerOptions(
  spec: Pick<SandboxSpec, "limits" | "labels" | "outlivesProcess">,
  imageDigest: string,
  choice: ContainerChoice,
  /** What shows the workspace, when it isn't a folder in memory. */
  mounts?: readonly Docker.MountSettings[],
): Docker.ContainerCreateOptions {
  return {
    Image: imageDigest,
    Entrypoint: [...GUEST_ARGV],
    Cmd: [],
    User: "0:0",
    WorkingDir: "/",
    Env: [],
    Labels: {
      ...spec.labels,
      [OWNER_LABEL]: "1",
      ...(spec.outlivesProcess ? { [OUTLIVES_LABEL]: "1" } : {}),
    },
    // The guest's stdin ends with our connection: a sandbox dies with the process that made it, unless it shall not.
    OpenStdin: true,
    StdinOnce: spec.outlivesProcess !== true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Tty: false,
    HostConfig: hostConfig(spec.limits, choice, mounts),
  };
}

function hostConfig(
  limits: SandboxLimits,
  { runtime, isGvisor, held = ["pids"] }: ContainerChoice,
  mounts: readonly Docker.MountSettings[] | undefined,
): Docker.HostConfig {
  // Files in memory count as memory: the folders' sizes come on top of what the processes may use.
  const tmpMiB = Math.ceil(limits.workspaceMiB / 2);
  const workspaceMiB = mounts === undefined ? limits.workspaceMiB : 0;
  const memory = (limits.memoryMiB + workspaceMiB + 2 * tmpMiB) * MIB;
  const jobFolder = (sizeMiB: number) =>
    `rw,exec,nosuid,nodev,uid=1000,gid=1000,mode=0755,size=${sizeMiB}m,nr_inodes=500k`;
  return {
    Runtime: runtime,
    Init: true,
    Privileged: false,
    ReadonlyRootfs: true,
    NetworkMode: "none",
    IpcMode: "private",
    CapDrop: ["ALL"],
    CapAdd: rightsOf(isGvisor && mounts !== undefined),
    SecurityOpt: ["no-new-privileges", `seccomp=${seccompProfile()}`],
    Memory: memory,
    MemorySwap: memory,
    NanoCpus: Math.round(limits.cpus * 1e9),
    OomScoreAdj: 500,
    ShmSize: 64 * MIB,
    MaskedPaths: [...MASKED_PATHS],
    LogConfig: { Type: "none", Config: {} },
    RestartPolicy: { Name: "no" },
    AutoRemove: false,
    Tmpfs: {
      "/run": "rw,noexec,nosuid,nodev,mode=0755,size=1m",
      "/tmp": `rw,exec,nosuid,nodev,mode=1777,size=${tmpMiB}m,nr_inodes=500k`,
      "/home/job": jobFolder(tmpMiB),
      ...(mounts === undefined ? { [WORKSPACE]: jobFolder(limits.workspaceMiB) } : {}),
    },
    ...(mounts === undefined ? {} : { Mounts: [...mounts] }),
    ...processLimits(limits.pids, isGvisor || !held.includes("pids")),
  };
}

/**
 * What the guest needs to run commands as another user and to end them. Where it has to bind its workspace itself, the
 * kernel is gVisor's own and the right to mount is one over that kernel's tables alone: the host's never hears of it.
 */
function rightsOf(binds: boolean): string[] {
  return ["SETUID", "SETGID", "KILL", ...(binds ? ["SYS_ADMIN"] : [])];
}

/**
 * On runc the control group counts the container's processes. On gVisor it counts the host's threads for all of them
 * and ends the whole sandbox; there the user's own limit holds, which on a shared kernel counts other sandboxes in. It is
 * the last resort of an engine that has no control groups.
 */
function processLimits(pids: number, byUser: boolean): Docker.HostConfig {
  const ulimits = [
    { Name: "nofile", Soft: MAX_OPEN_FILES, Hard: MAX_OPEN_FILES },
    { Name: "core", Soft: 0, Hard: 0 },
    { Name: "fsize", Soft: MAX_FILE_BYTES, Hard: MAX_FILE_BYTES },
  ];
  if (!byUser) return { PidsLimit: pids, Ulimits: ulimits };
  return { Ulimits: [...ulimits, { Name: "nproc", Soft: pids, Hard: pids }] };
}
