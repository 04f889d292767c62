import { randomUUID } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import Docker from "dockerode";
import type {
  DockerProvider,
  DockerProviderOptions,
} from "../../src/sandbox/providers/docker/docker-provider.ts";
import { dockerOptions } from "../../src/sandbox/providers/docker/engine-socket.ts";
import type { Sandbox, SandboxSpec } from "../../src/sandbox/sandbox.ts";
import { removeData } from "../../test/e2e/remove-data.ts";
import { benchProvider, benchSpec } from "../sandboxes.ts";

/** A provider with a folder and containers of its own, all of which go with it. */
export type Place = AsyncDisposable & {
  readonly provider: DockerProvider;
  readonly docker: Docker;
  /** Of all its containers. */
  readonly label: string;
  create(more?: Partial<SandboxSpec>): Promise<Sandbox>;
  /** Resolves when the pool has a sandbox for `create`, at once without a pool. */
  warm(): Promise<void>;
};

type PlaceOptions = Partial<DockerProviderOptions> & {
  /** Workspaces are in memory, unpacked and not mounted. */
  readonly inMemory?: boolean;
};

export async function openPlace(
  runtime: string,
  { inMemory = false, poolSize = 0, ...options }: PlaceOptions = {},
): Promise<Place> {
  const folder = inMemory ? undefined : await mkdtemp("/var/tmp/dunlin-bench-");
  const docker = new Docker(await dockerOptions(process.env));
  const mark = randomUUID();
  const provider = benchProvider(runtime, {
    ...options,
    poolSize,
    labels: { bench: mark },
    ...(folder === undefined ? {} : { stateFolder: folder }),
  });
  const label = `bench=${mark}`;
  return {
    provider,
    docker,
    label,
    create: (more = {}) => provider.create({ ...benchSpec(), ...more }),
    warm: () => (poolSize === 0 ? Promise.resolve() : provider.warm(benchSpec())),
    async [Symbol.asyncDispose]() {
      try {
        await provider.close();
      } finally {
        await removeContainers(docker, label);
        if (folder !== undefined) await removeData(folder);
      }
    },
  };
}

/** What a part that failed has left. */
async function removeContainers(docker: Docker, label: string): Promise<void> {
  const left = await docker.listContainers({ all: true, filters: { label: [label] } });
  await Promise.all(left.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })));
}

/** Throws when the command doesn't succeed: what was measured would mean nothing. */
export async function succeed(
  sandbox: Sandbox,
  argv: readonly string[],
  options: { readonly env?: Readonly<Record<string, string>> } = {},
): Promise<void> {
  const result = await sandbox.exec(argv, { timeoutMs: 10 * 60_000, ...options });
  if (result.end === "exit" && result.exitCode === 0) return;
  const said = new TextDecoder().decode(result.stderr).slice(-2000);
  throw new Error(`${argv.join(" ")} ended by ${result.end} ${result.exitCode}:\n${said}`);
}

/**
 * Milliseconds from asking for a sandbox to the end of its first command. A pool is full before, and again afterwards, so
 * that nothing is made for it while something else is measured.
 */
export async function toFirstCommand(
  place: Place,
  more: Partial<SandboxSpec>,
  argv: readonly string[],
): Promise<number> {
  await place.warm();
  const startedAt = performance.now();
  const sandbox = await place.create(more);
  try {
    await succeed(sandbox, argv);
    return performance.now() - startedAt;
  } finally {
    await sandbox.destroy();
    await place.warm();
  }
}

/** What such a time is made of, for whoever misses a goal by it. */
export const CLAIM_COSTS =
  "It is made of the view's mount by a program on the host and the command's start; on gVisor also of a program inside that binds the view.";

/** The shortest command there is. */
export const TRUE = ["/bin/true"] as const;
