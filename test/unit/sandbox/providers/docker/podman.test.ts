import { existsSync, readFileSync } from "node:fs";
import Docker from "dockerode";
import { expect, test } from "vitest";
import { containerOptions } from "../../../../../src/sandbox/providers/docker/container-options.ts";
import {
  podmanOptions,
  podmanVersion,
  speakPodman,
} from "../../../../../src/sandbox/providers/docker/podman.ts";
import { seccompProfile } from "../../../../../src/sandbox/providers/docker/seccomp.ts";

const limits = { cpus: 1, memoryMiB: 256, pids: 64, workspaceMiB: 100 };
const docker = containerOptions({ limits, labels: {} }, "sha256:1", {
  runtime: "runc",
  isGvisor: false,
});

function engine(components: readonly { Name: string; Version: string }[] | undefined): Docker {
  const docker = new Docker({ socketPath: "/nowhere" });
  const version = { Components: components };
  docker.version = async () => version as Awaited<ReturnType<Docker["version"]>>;
  return docker;
}

test("Podman behind Docker's API is known, and Docker is not taken for it", async () => {
  expect(await podmanVersion(engine([{ Name: "Podman Engine", Version: "4.3.1" }]))).toBe("4.3.1");
  const docker = [
    { Name: "Engine", Version: "20.10.24" },
    { Name: "runc", Version: "1.1.5" },
  ];
  expect(await podmanVersion(engine(docker))).toBeUndefined();
  expect(await podmanVersion(engine(undefined))).toBeUndefined();
});

test("for Podman nothing of what protects the host is left out", () => {
  const podman = podmanOptions(docker, "/tmp/seccomp.json");
  const { SecurityOpt, CapAdd, Tmpfs = {}, ...same } = podman.HostConfig ?? {};
  const {
    SecurityOpt: _,
    CapAdd: own,
    Tmpfs: folders,
    MaskedPaths,
    ...wanted
  } = docker.HostConfig ?? {};
  expect(same).toEqual(wanted);
  const mask = `mask=${MaskedPaths?.join(":")}`;
  expect(SecurityOpt).toEqual(["no-new-privileges", "seccomp=/tmp/seccomp.json", mask]);
  expect(CapAdd).toEqual([...(own ?? []), "CHOWN"]);
  expect(Object.keys(Tmpfs).sort()).toEqual([...Object.keys(folders ?? {}), "/var/tmp"].sort());
  for (const options of Object.values(Tmpfs)) expect(options).toMatch(/nosuid,nodev,.*size=\d+m$/);
});

test("the guest gives the job its folders in memory, and then is what it is elsewhere", () => {
  const { Entrypoint = [], HostConfig } = podmanOptions(docker, "/tmp/seccomp.json");
  const [node, option, code = "", ...program] = Entrypoint;
  expect([node, ...program]).toEqual(docker.Entrypoint);
  expect(option).toBe("--import");
  expect(decodeURIComponent(code)).toContain('["/home/job","/workspace"])chownSync(f,1000,1000)');
  expect(JSON.stringify(HostConfig?.Tmpfs)).not.toMatch(/[ug]id=|nr_inodes/);
});

test("the job's own programs get their folder from Podman and no right to give any away", () => {
  const tool = { ...docker, User: "1000:1000", Entrypoint: ["/bin/tar"] };
  const closed = { ...tool, HostConfig: { ...tool.HostConfig, CapAdd: [] } };
  const { Entrypoint, HostConfig } = podmanOptions(closed, "/tmp/seccomp.json");
  expect(Entrypoint).toEqual(["/bin/tar"]);
  expect(HostConfig?.CapAdd).toEqual([]);
  expect(HostConfig?.Tmpfs?.["/home/job"]).toMatch(/,U$/);
  expect(HostConfig?.Tmpfs?.["/tmp"]).not.toContain("U");
});

test("the seccomp profile lies in a file while a container is made, and no longer", async () => {
  const podman = new Docker({ socketPath: "/nowhere" });
  let read = "";
  let file = "";
  podman.createContainer = async (options: Docker.ContainerCreateOptions = {}) => {
    const option: string = options.HostConfig?.SecurityOpt?.[1] ?? "";
    file = option.replace("seccomp=", "");
    read = readFileSync(file, "utf8");
    throw new Error("no room");
  };
  await expect(speakPodman(podman).createContainer(docker)).rejects.toThrow("no room");
  expect(read).toBe(seccompProfile());
  expect(existsSync(file)).toBe(false);
});

test("of all runtimes that Podman lists, its default one is there", async () => {
  const podman = new Docker({ socketPath: "/nowhere" });
  podman.info = async () => ({
    DefaultRuntime: "crun",
    Runtimes: { crun: {}, kata: {}, runsc: {} },
  });
  expect(await speakPodman(podman).info()).toMatchObject({ Runtimes: { crun: {} } });
  expect(Object.keys((await speakPodman(podman).info()).Runtimes)).toEqual(["crun"]);
});
