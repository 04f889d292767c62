import type { SandboxSpec } from "../../src/sandbox/sandbox.ts";

export const SPEC: SandboxSpec = {
  image: "node",
  limits: { cpus: 2, memoryMiB: 512, pids: 128, workspaceMiB: 64 },
  maxLifetimeMs: 10 * 60_000,
  egress: { mode: "none" },
  layers: [],
  labels: { purpose: "test" },
};
