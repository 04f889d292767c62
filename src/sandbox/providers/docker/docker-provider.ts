import { availableParallelism, loadavg } from "node:os";
import type Docker from "dockerode";
import type { Log } from "../../../log.ts";
import { meetRequirements } from "../../capabilities.ts";
import { checkSpec, createSpecFit } from "../../check-spec.ts";
import type { SandboxProvider } from "../../sandbox.ts";
import type { Dialler } from "../../wire-host/dialler.ts";
import { knownSandboxes } from "../known-sandboxes.ts";
import { listSandboxes } from "./list-sandboxes.ts";
import { lookAround } from "./look-around.ts";
import { removeContainer } from "./machine.ts";
import { sweepOrphans } from "./orphans.ts";
import { Pool, type PoolKind, type PoolOptions } from "./pool.ts";
import { capabilitiesOf, type Probed, type RuntimeChoice, reportOf } from "./runtime.ts";
import type { State } from "./starter.ts";

export type DockerProviderOptions = {
  /** Where the engine is, as the Docker command line reads it (`DOCKER_HOST` and so on). */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  /** For every container, beside those of its own. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Lets containers share the host's kernel and users when there is nothing better. */
  readonly weakAllowed: boolean;
  /** The engine's name of the only runtime to use; else the strongest that works. */
  readonly runtime?: string;
  /** Certificates of the host's own that commands need to reach anything, PEM. */
  readonly caBundle?: Uint8Array;
  /** Origins (`host:port`) that may be reached in a private network, e.g. the operator's own registry. */
  readonly privateOrigins?: readonly string[];
  /** One short line each time an image's building is worth showing. */
  readonly onProgress?: (line: string) => void;
  readonly dialler?: Dialler;
  /**
   * For workspaces, ready layers and snapshots: on a real disk, below folders that every user may pass through. Without
   * it, or where the host can't mount for the engine's containers, workspaces are in memory and can't be kept.
   */
  readonly stateFolder?: string;
  /** The most containers that wait, running, for the sandboxes to come; none by default. `close` ends them. */
  readonly poolSize?: number;
};

/** For each processor, beyond which nothing is made ready. */
const MAX_LOAD = 2;

/** Beyond the port: what only this provider can clear away. */
export type DockerProvider = SandboxProvider & {
  /** Resolves when a container of this kind waits to be claimed, at once without a pool. Throws as `create` does. */
  warm(kind: PoolKind): Promise<void>;
  /**
   * Ends what is left of containers that the engine has forgotten: their processes, control groups and mounts. Returns
   * how many there were. Throws `unavailable` when the engine doesn't say which it knows.
   */
  sweepOrphans(): Promise<number>;
};

/** Sandboxes as containers of one Docker engine. Nothing is asked of the engine before the first call. */
export function createDockerProvider(options: DockerProviderOptions): DockerProvider {
  const { getEngine, getProbed, getWorkspaces, getCan, state, starter } = lookAround(options);
  const known = knownSandboxes();
  const fitToHost = createSpecFit(options.log);
  const pool = openPool(options, async (kind, signal) => {
    const choice = chosen(await getProbed());
    const { workspaces } = await getWorkspaces();
    return starter.boot(kind, choice, { signal, workspaces });
  });
  return {
    name: "docker",
    async probe() {
      const report = reportOf(await getProbed(), await getCan());
      return { ...report, findings: [...report.findings, ...(await getWorkspaces()).findings] };
    },
    async create(wanted, { signal } = {}) {
      checkSpec(wanted);
      const choice = chosen(await getProbed());
      const spec = fitToHost(wanted, choice.processors);
      meetRequirements("docker", capabilitiesOf(choice, await getCan()), spec.require);
      const { workspaces } = await getWorkspaces();
      const start = () => starter.start(spec, choice, { signal, workspaces, pool });
      const make = async () => known.remember(await (pool?.around(start) ?? start()));
      return spec.key === undefined ? make() : known.shared(`key ${spec.key}`, make);
    },
    async connect(id) {
      const { workspaces } = await getWorkspaces();
      const connect = async () => known.remember(await starter.connect(id, { workspaces }));
      return known.byId(id) ?? known.shared(`id ${id}`, connect);
    },
    async list(labels) {
      const infos = await listSandboxes(await getEngine(), labels, known, state?.kept);
      return infos.filter(({ id }) => pool?.has(id) !== true);
    },
    async destroy(id) {
      const end = await removeContainer((await getEngine()).getContainer(id));
      await state?.kept.forget(id);
      // It stays on record until a sweep has seen that nothing of it runs: an engine that was killed forgets shims.
      if (options.stateFolder !== undefined) await (await getWorkspaces()).workspaces?.sweep();
      return end;
    },
    async deleteSnapshot(name) {
      if (options.stateFolder === undefined) return;
      await (await getWorkspaces()).workspaces?.deleteSnapshot(name);
    },
    async warm(kind) {
      if (pool !== undefined)
        await pool.warm(fitToHost(kind, chosen(await getProbed()).processors));
    },
    async close() {
      await pool?.close();
      await getWorkspaces.answer?.workspaces?.close();
    },
    sweepOrphans: async () => (state === undefined ? 0 : sweepForgotten(await getEngine(), state)),
  };
}

function chosen(probed: Probed): RuntimeChoice {
  if (probed.choice === undefined) throw probed.failure;
  return probed.choice;
}

async function sweepForgotten(docker: Docker, { kept, made }: State): Promise<number> {
  const forgotten = await sweepOrphans(docker, await made());
  for (const id of forgotten) await kept.forget(id);
  await kept.sweep();
  return forgotten.length;
}

function openPool(
  { poolSize: size = 0, log }: DockerProviderOptions,
  boot: PoolOptions["boot"],
): Pool | undefined {
  const isBusy = () => (loadavg()[0] ?? 0) / availableParallelism() > MAX_LOAD;
  return size === 0 ? undefined : new Pool({ size, log, boot, isBusy });
}
