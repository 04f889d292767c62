import { mkdtemp, rm, stat } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createSandboxes, fillSpec } from "../../src/sandbox-sdk.ts";

test("what is left out of a wish has a default, and what is in it wins", () => {
  const cpus = Math.min(2, availableParallelism());
  expect(fillSpec({})).toEqual({
    image: "node",
    limits: { cpus, memoryMiB: 2048, pids: 512, workspaceMiB: 1024 },
    maxLifetimeMs: 3_600_000,
    egress: { mode: "none" },
    layers: [],
    labels: {},
  });
  const wanted = { image: "go", limits: { pids: 64 }, labels: { for: "me" }, snapshot: "x" };
  expect(fillSpec(wanted)).toMatchObject({
    image: "go",
    limits: { cpus, pids: 64 },
    labels: { for: "me" },
    snapshot: "x",
  });
});

test("each provider has its name before anything is started, and an unknown one is named", () => {
  expect(createSandboxes().name).toBe("docker");
  for (const provider of ["docker", "bubblewrap", "microvm"] as const) {
    expect(createSandboxes({ provider }).name).toBe(provider);
  }
  expect(() => createSandboxes({ provider: "vmware" as "docker" })).toThrow(
    'There is no sandbox provider "vmware". Choose one of docker, bubblewrap, microvm.',
  );
});

test("a data folder that isn't there yet is made so that the users of containers can pass it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "dunlin-sdk-"));
  try {
    const data = join(folder, "new", "data");
    const env = { DUNLIN_DATA_DIR: data, DOCKER_HOST: `unix://${folder}/no-engine.sock` };
    await expect(createSandboxes({ env }).probe()).rejects.toMatchObject({ code: "engine-down" });
    expect((await stat(data)).mode & 0o011).toBe(0o011 & ~process.umask());
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
