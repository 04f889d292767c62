import { readConfig } from "../src/config.ts";
import { createLog } from "../src/log.ts";
import {
  createDockerProvider,
  type DockerProvider,
  type DockerProviderOptions,
} from "../src/sandbox/providers/docker/docker-provider.ts";
import type { SandboxSpec } from "../src/sandbox/sandbox.ts";
import { USUAL_CPUS } from "../src/sandbox-providers.ts";

/** The sandbox that Dunlin makes for a model, with the same limits, without any network. */
export function benchSpec(): SandboxSpec {
  const config = readConfig({});
  return {
    image: "node",
    limits: {
      cpus: config.DUNLIN_CPUS ?? USUAL_CPUS,
      memoryMiB: config.DUNLIN_MEMORY_MIB,
      pids: config.DUNLIN_PIDS,
      workspaceMiB: config.DUNLIN_WORKSPACE_MIB,
    },
    maxLifetimeMs: 10 * 60_000,
    egress: { mode: "none" },
    layers: [],
    labels: { purpose: "bench" },
  };
}

/** Plain runc is let in: nothing but the benchmark's own code runs in these sandboxes. */
export function benchProvider(
  runtime?: string,
  options: Partial<DockerProviderOptions> = {},
): DockerProvider {
  return createDockerProvider({
    env: process.env,
    log: createLog("warn"),
    weakAllowed: true,
    ...(runtime === undefined ? {} : { runtime }),
    ...options,
  });
}

/** The runtimes to measure, without doubles: `default` is what Dunlin takes by itself here. */
export async function runtimesOf(names: readonly string[]): Promise<readonly string[]> {
  const found = names.map(async (name) => {
    const provider = benchProvider(name === "default" ? undefined : name);
    const { ok, runtime, findings } = await provider.probe();
    if (!ok) throw new Error(`${name} can't be measured here. ${findings.join(" ")}`);
    return runtime;
  });
  return [...new Set(await Promise.all(found))];
}
