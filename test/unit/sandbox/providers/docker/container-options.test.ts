import { expect, test } from "vitest";
import { containerOptions } from "../../../../../src/sandbox/providers/docker/container-options.ts";

const spec = {
  limits: { cpus: 1.5, memoryMiB: 1000, pids: 100, workspaceMiB: 300 },
  labels: { run: "r1" },
};
const MIB = 1024 ** 2;

test("a container has no network, no rights, no logs, nothing of the host's, and ends with its maker", () => {
  const options = containerOptions(spec, "sha256:1", { runtime: "runc", isGvisor: false });
  expect(options).toMatchObject({
    Image: "sha256:1",
    User: "0:0",
    Env: [],
    Labels: { run: "r1", dunlin: "1" },
    OpenStdin: true,
    StdinOnce: true,
    Tty: false,
  });
  const host = options.HostConfig ?? {};
  expect(host).toMatchObject({
    Runtime: "runc",
    NetworkMode: "none",
    IpcMode: "private",
    ReadonlyRootfs: true,
    Privileged: false,
    CapDrop: ["ALL"],
    CapAdd: ["SETUID", "SETGID", "KILL"],
    LogConfig: { Type: "none" },
    RestartPolicy: { Name: "no" },
    NanoCpus: 1.5e9,
    PidsLimit: 100,
    Memory: (1000 + 300 + 150 + 150) * MIB,
  });
  expect(host.MemorySwap).toBe(host.Memory);
  expect(host.SecurityOpt).toContain("no-new-privileges");
  for (const key of ["Binds", "Mounts", "Devices", "VolumesFrom", "PidMode", "UsernsMode"]) {
    expect(host).not.toHaveProperty(key);
  }
  // The engine's own list is replaced, so what it would hide has to be in ours.
  const hidden = [
    "/proc/cmdline",
    "/proc/kcore",
    "/proc/keys",
    "/proc/timer_list",
    "/sys/firmware",
  ];
  expect(host.MaskedPaths).toEqual(expect.arrayContaining(hidden));
  for (const folder of ["/workspace", "/home/job"]) {
    expect(host.Tmpfs?.[folder]).toContain(",uid=1000,gid=1000,mode=0755,");
  }
  for (const options of Object.values(host.Tmpfs ?? {})) {
    expect(options).toMatch(/nosuid,nodev/);
    expect(options).toMatch(/size=\d+m/);
  }
});

test("its system calls are listed, without those that had to be taken back", () => {
  const { HostConfig } = containerOptions(spec, "", { runtime: "runc", isGvisor: false });
  const option = HostConfig?.SecurityOpt?.find((entry: string) => entry.startsWith("seccomp="));
  const profile = JSON.parse(option?.slice("seccomp=".length) ?? "");
  expect(profile.defaultAction).toBe("SCMP_ACT_ERRNO");
  expect(profile.archMap.every((arch: Arch) => arch.subArchitectures.length === 0)).toBe(true);
  const names = profile.syscalls.flatMap((rule: Rule) => rule.names);
  expect(names).toEqual(expect.arrayContaining(["execve", "clone", "openat", "futex"]));
  const taken = ["io_uring_setup", "bpf", "keyctl", "mount", "unshare", "setns", "userfaultfd"];
  for (const name of [...taken, "perf_event_open", "open_by_handle_at", "socketcall"]) {
    expect(names).not.toContain(name);
  }
  const families = profile.syscalls
    .filter((rule: Rule) => rule.names.includes("socket"))
    .map((rule: Rule) => rule.args?.[0]?.value);
  expect(families).toEqual([1, 2, 10, 16]);
});

test("gVisor gets its process limit where it doesn't end the sandbox", () => {
  const { HostConfig } = containerOptions(spec, "", { runtime: "runsc", isGvisor: true });
  expect(HostConfig).not.toHaveProperty("PidsLimit");
  expect(HostConfig?.Ulimits).toContainEqual({ Name: "nproc", Soft: 100, Hard: 100 });
});

type Arch = { subArchitectures: readonly string[] };
type Rule = { names: readonly string[]; args?: readonly { value: number }[] };

test("a workspace that is mounted takes no memory, and nothing else of the host's is in it", () => {
  const mount = { Type: "bind", Source: "/state/mounts/1", Target: "/workspace" } as const;
  const choice = { runtime: "runc", isGvisor: false };
  const { HostConfig: host } = containerOptions(spec, "sha256:1", choice, [mount]);
  expect(host?.Mounts).toEqual([mount]);
  expect(host?.Tmpfs).not.toHaveProperty("/workspace");
  expect(host).toMatchObject({ Memory: (1000 + 150 + 150) * MIB, MemorySwap: 1300 * MIB });
});

test("only a guest that has to bind its workspace may mount, in a kernel of its own", () => {
  const mount = { Type: "bind", Source: "/state/mounts/1", Target: "/views" } as const;
  const rights = (isGvisor: boolean, mounts?: [typeof mount]) =>
    containerOptions(spec, "", { runtime: "r", isGvisor }, mounts).HostConfig?.CapAdd;
  expect(rights(true, [mount])).toEqual(["SETUID", "SETGID", "KILL", "SYS_ADMIN"]);
  expect(rights(true)).toEqual(["SETUID", "SETGID", "KILL"]);
  expect(rights(false, [mount])).toEqual(["SETUID", "SETGID", "KILL"]);
});
