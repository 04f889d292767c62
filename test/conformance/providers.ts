import Docker from "dockerode";
import { createLog } from "../../src/log.ts";
import { createDockerProvider } from "../../src/sandbox/providers/docker/docker-provider.ts";
import { dockerOptions } from "../../src/sandbox/providers/docker/engine-socket.ts";
import type { SandboxProvider } from "../../src/sandbox/sandbox.ts";
import type { Outside } from "./outside.ts";

export type Settings = Pick<Outside, "dialler" | "privateOrigins"> & {
  /** The only runtime to use, where the provider has several. */
  readonly runtime?: string;
};

type Entry = {
  create(settings: Settings): SandboxProvider;
  /** Processor time that a sandbox has taken so far, as the host counts it; 0 where it keeps no count. */
  processorMs(id: string): Promise<number>;
};

/** The providers that can be asked. Another one is one more line, as long as it is in its own file. */
export const PROVIDERS: Readonly<Record<string, Entry>> = {
  docker: {
    // Plain runc is let in: nothing but the suite's own programs runs in these sandboxes.
    create: (settings) =>
      createDockerProvider({
        env: process.env,
        log: createLog("error"),
        weakAllowed: true,
        ...settings,
      }),
    processorMs: dockerProcessorMs,
  },
};

export function providerNamed(name: string): Entry {
  const entry = PROVIDERS[name];
  if (entry !== undefined) return entry;
  const known = Object.keys(PROVIDERS).join(", ");
  throw new Error(`There is no provider ${name || "without a name"}; give --provider ${known}.`);
}

async function dockerProcessorMs(id: string): Promise<number> {
  const container = new Docker(await dockerOptions(process.env)).getContainer(id);
  const stats = await container.stats({ stream: false, "one-shot": true });
  return stats.cpu_stats.cpu_usage.total_usage / 1e6;
}
