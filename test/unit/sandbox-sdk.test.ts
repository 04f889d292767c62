import { expect, test } from "vitest";
import { createSandboxes, fillSpec } from "../../src/sandbox-sdk.ts";

test("what is left out of a wish has a default, and what is in it wins", () => {
  expect(fillSpec({})).toEqual({
    image: "node",
    limits: { cpus: 2, memoryMiB: 2048, pids: 512, workspaceMiB: 1024 },
    maxLifetimeMs: 3_600_000,
    egress: { mode: "none" },
    layers: [],
    labels: {},
  });
  const wanted = { image: "go", limits: { pids: 64 }, labels: { for: "me" }, snapshot: "x" };
  expect(fillSpec(wanted)).toMatchObject({
    image: "go",
    limits: { cpus: 2, pids: 64 },
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
