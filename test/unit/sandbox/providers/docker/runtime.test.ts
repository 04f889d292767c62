import Docker from "dockerode";
import { expect, test } from "vitest";
import { containerOptions } from "../../../../../src/sandbox/providers/docker/container-options.ts";
import {
  capabilitiesOf,
  probeRuntimes,
  type RuntimeChoice,
  type RuntimeOptions,
  reportOf,
} from "../../../../../src/sandbox/providers/docker/runtime.ts";

/** An engine that only tells about itself. */
function engine(
  runtimes: readonly string[],
  security: readonly string[],
  more: Readonly<Record<string, unknown>> = {},
): Docker {
  const docker = new Docker({ socketPath: "/nowhere" });
  const Runtimes = Object.fromEntries(runtimes.map((name) => [name, {}]));
  const info = { Runtimes, KernelVersion: "6.1.0", ...more };
  docker.info = async () => ({ ...info, SecurityOptions: security });
  return docker;
}

async function probe(docker: Docker, options: RuntimeOptions, broken: readonly string[] = []) {
  const tried: RuntimeChoice[] = [];
  const probed = await probeRuntimes(docker, options, async (candidate, engineKernel) => {
    expect(engineKernel).toBe("6.1.0");
    tried.push(candidate);
    return broken.includes(candidate.runtime) ? "reading files failed" : undefined;
  });
  const report = reportOf(probed, { reconnect: false });
  const failure = probed.choice === undefined ? probed.failure : undefined;
  return { report, failure, choice: probed.choice, tried: tried.map(({ runtime }) => runtime) };
}

const USERNS = ["name=seccomp,profile=default", "name=userns"];
const strict = { weakAllowed: false };

test("gVisor comes first, and what works is used", async () => {
  const { report, tried } = await probe(engine(["runc", "runsc"], USERNS), strict);
  expect(tried).toEqual(["runsc"]);
  expect(report).toMatchObject({ ok: true, runtime: "runsc", weak: false });
});

test("a broken gVisor gives way to user namespaces, and is named", async () => {
  const { report } = await probe(engine(["runc", "runsc"], USERNS), strict, ["runsc"]);
  expect(report).toMatchObject({ ok: true, runtime: "runc", weak: false });
  expect(report.findings).toEqual([
    "runsc with a user namespace: reading files failed",
    "runc with a user namespace: works",
  ]);
});

test("plain runc is not even tried unless the operator allows it, and counts as weak", async () => {
  const plain = engine(["runc"], ["name=seccomp,profile=default"]);
  const refused = await probe(plain, strict);
  expect(refused).toMatchObject({ tried: [], report: { ok: false, runtime: "" } });
  expect(refused.choice).toBeUndefined();
  expect(refused.report.findings.join()).toContain("DUNLIN_WEAK_SANDBOX=1");
  const allowed = await probe(plain, { weakAllowed: true });
  expect(allowed.report).toMatchObject({ ok: true, runtime: "runc", weak: true });
});

test("a runtime that was asked for is the only one tried", async () => {
  const docker = engine(["runc", "runsc"], USERNS);
  expect((await probe(docker, { ...strict, runtime: "runc" })).tried).toEqual(["runc"]);
  const broken = await probe(docker, { ...strict, runtime: "runsc" }, ["runsc"]);
  expect(broken).toMatchObject({ tried: ["runsc"], report: { ok: false } });
});

test("each runtime is tried by its strength and known for what it is", async () => {
  const names = ["crun", "io.containerd.runc.v2", "kata-qemu", "runc", "runsc-kvm", "sysbox-runc"];
  const all = ["kata-qemu", "runsc-kvm", "sysbox-runc", "runc", "crun"];
  const plain = engine(names, []);
  const { tried, failure } = await probe(plain, { weakAllowed: true }, all);
  expect(tried).toEqual(all);
  expect(failure).toMatchObject({ kind: "invalid-request", code: "no-safe-runtime" });
  for (const name of all) expect(failure?.message).toContain(`${name} with`);
  const kindOf = async (docker: Docker, runtime: string) =>
    (await probe(docker, { runtime, weakAllowed: true })).report.capabilities?.isolation;
  expect(await kindOf(plain, "kata-qemu")).toBe("kata");
  expect(await kindOf(plain, "runsc-kvm")).toBe("gvisor");
  expect(await kindOf(plain, "sysbox-runc")).toBe("sysbox");
  expect(await kindOf(plain, "crun")).toBe("container");
  expect(await kindOf(engine(names, ["name=rootless"]), "crun")).toBe("user-namespace");
});

test("Sysbox is no weak runtime: it gives users of its own", async () => {
  const { report } = await probe(engine(["sysbox-runc"], []), strict);
  expect(report).toMatchObject({ ok: true, weak: false });
});

test("a runtime that isn't there is named with those that are", async () => {
  const docker = engine(["runc", "runsc"], USERNS);
  const { report, failure, tried } = await probe(docker, { ...strict, runtime: "sysbox-runc" });
  expect(tried).toEqual([]);
  expect(failure).toMatchObject({ kind: "invalid-request", code: "no-such-runtime" });
  expect(failure?.message).toContain("no runtime sysbox-runc; it has runc, runsc");
  expect(report).toMatchObject({ ok: false, findings: [failure?.message] });
  const useless = await probe(engine(["youki"], []), strict);
  expect(useless.failure?.message).toContain("it has youki");
});

const ROOTLESS = ["name=seccomp,profile=builtin", "name=rootless", "name=cgroupns"];

test("an engine without root is a user namespace, with all limits where it has control groups", async () => {
  const { report } = await probe(engine(["runc"], ROOTLESS, { PidsLimit: true }), strict);
  expect(report.findings).toEqual(["runc with a user namespace: works"]);
  expect(report.capabilities).toMatchObject({
    isolation: "user-namespace",
    limits: ["cpus", "memoryMiB", "pids", "workspaceMiB"],
  });
});

test("limits that an engine without control groups drops are named, and can't be required", async () => {
  const none = { CgroupDriver: "none", MemoryLimit: false, CpuCfsQuota: false, PidsLimit: false };
  const { report, choice } = await probe(engine(["runc"], ROOTLESS, none), strict);
  expect(report).toMatchObject({ ok: true, capabilities: { limits: ["workspaceMiB"] } });
  expect(report.findings.at(-1)).toMatch(/^limits: .* cpus, memoryMiB, pids, .*Delegate=yes/);
  if (choice === undefined) throw new Error("nothing was chosen");
  const limits = { cpus: 1, memoryMiB: 256, pids: 64, workspaceMiB: 16 };
  const { HostConfig } = containerOptions({ limits, labels: {} }, "", choice);
  expect(HostConfig?.PidsLimit).toBeUndefined();
  expect(HostConfig?.Ulimits).toContainEqual({ Name: "nproc", Soft: 64, Hard: 64 });
});

test("Podman's sandboxes end with their stream, so none is found again", async () => {
  const podman = engine(["crun"], ROOTLESS, { BuildahVersion: "1.28.2" });
  const { choice } = await probe(podman, strict);
  if (choice === undefined) throw new Error("nothing was chosen");
  expect(capabilitiesOf(choice, { reconnect: true }).reconnect).toBe(false);
  const docker = await probe(engine(["runc"], USERNS), strict);
  if (docker.choice === undefined) throw new Error("nothing was chosen");
  expect(capabilitiesOf(docker.choice, { reconnect: true }).reconnect).toBe(true);
});

test("an engine says how many processors there are to share out", async () => {
  const { choice } = await probe(engine(["runc"], USERNS, { NCPU: 3 }), strict);
  expect(choice?.processors).toBe(3);
});
