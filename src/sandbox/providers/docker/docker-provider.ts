import { join } from "node:path";
import Docker from "dockerode";
import { Failure } from "../../../errors.ts";
import type { Log } from "../../../log.ts";
import { meetRequirements } from "../../capabilities.ts";
import type { SandboxInfo, SandboxProvider, SandboxSpec } from "../../sandbox.ts";
import type { Dialler } from "../../wire-host/dialler.ts";
import { type KeptRecord, openKeptSandboxes } from "../kept/kept-sandboxes.ts";
import { EXPIRY_LABEL, OWNER_LABEL } from "./container-options.ts";
import { ENGINE_TIMEOUT_MS, withinMs } from "./engine-error.ts";
import { dockerOptions } from "./engine-socket.ts";
import { type KnownSandboxes, knownSandboxes } from "./known-sandboxes.ts";
import { removeContainer } from "./machine.ts";
import { openMadeContainers } from "./made-containers.ts";
import { sweepOrphans } from "./orphans.ts";
import { podmanFailure } from "./podman.ts";
import {
  capabilitiesOf,
  type Probed,
  probeRuntimes,
  type RuntimeChoice,
  reportOf,
} from "./runtime.ts";
import { createImages, createStarter, type Images, type Starter, type State } from "./starter.ts";
import { TRIAL_LIMITS, tryOut } from "./trial.ts";
import { openWorkspaces, type Workspaces } from "./workspaces/workspaces.ts";

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
};

const TRIAL_IMAGE = "node";
const TRIAL_LIFETIME_MS = 5 * 60_000;

/** Beyond the port: what only this provider can clear away. */
export type DockerProvider = SandboxProvider & {
  /**
   * Ends what is left of containers that the engine has forgotten: their processes, control groups and mounts. Returns
   * how many there were. Throws `unavailable` when the engine doesn't say which it knows.
   */
  sweepOrphans(): Promise<number>;
};

/** Sandboxes as containers of one Docker engine. Nothing is asked of the engine before the first call. */
export function createDockerProvider(options: DockerProviderOptions): DockerProvider {
  const getEngine = once(async () => new Docker(await dockerOptions(options.env)));
  const images = createImages(options);
  const known = knownSandboxes();
  const state = openState(getEngine, options);
  const starter = createStarter(getEngine, images, state, options);
  const getProbed = once(async () => probe(await getEngine(), options, starter.start));
  let held: Workspaces | undefined;
  const getWorkspaces = once(async () => {
    const { choice } = await getProbed();
    const found = await findWorkspaces(await getEngine(), choice, images, options);
    held = found.workspaces;
    return found;
  });
  const getCan = async () => {
    const { workspaces } = await getWorkspaces();
    return { reconnect: state !== undefined, snapshot: workspaces !== undefined };
  };
  return {
    name: "docker",
    async probe() {
      const report = reportOf(await getProbed(), await getCan());
      return { ...report, findings: [...report.findings, ...(await getWorkspaces()).findings] };
    },
    async create(spec, { signal } = {}) {
      const probed = await getProbed();
      if (probed.choice === undefined) throw probed.failure;
      meetRequirements("docker", capabilitiesOf(probed.choice, await getCan()), spec.require);
      const { workspaces } = await getWorkspaces();
      const make = async () =>
        known.remember(await starter.start(spec, probed.choice, { signal, workspaces }));
      return spec.key === undefined ? make() : known.shared(`key ${spec.key}`, make);
    },
    async connect(id) {
      const { workspaces } = await getWorkspaces();
      const connect = async () => known.remember(await starter.connect(id, { workspaces }));
      return known.byId(id) ?? known.shared(`id ${id}`, connect);
    },
    async list(labels) {
      const wanted = { ...labels, [OWNER_LABEL]: "1" };
      const label = Object.entries(wanted).map(([name, value]) => `${name}=${value}`);
      const all = (await getEngine()).listContainers({ all: true, filters: { label } });
      const infos = (await withinMs(ENGINE_TIMEOUT_MS, all)).map(toInfo);
      return withExpiry(infos, known, (await state?.kept.records()) ?? []);
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
    close: async () => held?.close(),
    sweepOrphans: async () => (state === undefined ? 0 : sweepForgotten(await getEngine(), state)),
  };
}

async function sweepForgotten(docker: Docker, { kept, made }: State): Promise<number> {
  const forgotten = await sweepOrphans(docker, await made());
  for (const id of forgotten) await kept.forget(id);
  await kept.sweep();
  return forgotten.length;
}

function openState(
  getEngine: () => Promise<Docker>,
  { stateFolder, env }: DockerProviderOptions,
): State | undefined {
  if (stateFolder === undefined) return undefined;
  return {
    kept: openKeptSandboxes(join(stateFolder, "kept")),
    made: once(async () => {
      const info: { DockerRootDir: string } = await withinMs(
        ENGINE_TIMEOUT_MS,
        (await getEngine()).info(),
      );
      const { socketPath = "" } = await dockerOptions(env);
      const engine = `${env["DOCKER_HOST"] ?? socketPath} ${info.DockerRootDir}`;
      return openMadeContainers(join(stateFolder, "containers"), engine);
    }),
  };
}

/** Labels can't be changed: when a time was extended, only its owner, or its record, knows. */
function withExpiry(
  infos: readonly SandboxInfo[],
  known: KnownSandboxes,
  records: readonly KeptRecord[],
): Promise<readonly SandboxInfo[]> {
  const recorded = new Map(records.map(({ id, expiresAtMs }) => [id, expiresAtMs]));
  const complete = infos.map(async (info): Promise<SandboxInfo> => {
    const own = await known.byId(info.id)?.info();
    return { ...info, expiresAtMs: own?.expiresAtMs ?? recorded.get(info.id) ?? info.expiresAtMs };
  });
  return Promise.all(complete);
}

type FoundWorkspaces = {
  readonly workspaces?: Workspaces;
  readonly findings: readonly string[];
};

async function findWorkspaces(
  docker: Docker,
  choice: RuntimeChoice | undefined,
  images: Images,
  { labels = {}, stateFolder: folder }: DockerProviderOptions,
): Promise<FoundWorkspaces> {
  if (choice === undefined || folder === undefined) return { findings: [] };
  const { digest: imageDigest } = await images.get(docker, TRIAL_IMAGE);
  try {
    const found = openWorkspaces({ docker, choice, labels, folder, imageDigest });
    return { workspaces: await found, findings: ["workspaces: mounted by the host"] };
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== "no-mounts") throw error;
    return { findings: [error.message] };
  }
}

async function probe(
  docker: Docker,
  options: DockerProviderOptions,
  start: Starter["start"],
): Promise<Probed> {
  // Asked first: an engine that is down must not look like a runtime that doesn't work.
  await withinMs(ENGINE_TIMEOUT_MS, docker.ping());
  const failure = await podmanFailure(docker);
  if (failure !== undefined) return { findings: [failure.message], choice: undefined, failure };
  return probeRuntimes(docker, options, async (choice, engineKernel) => {
    try {
      await using sandbox = await start(trialSpec(), choice);
      return await tryOut(sandbox, choice.isolation, engineKernel);
    } catch (error) {
      if (error instanceof Failure && error.code === "sandbox-not-started") return error.message;
      if (error instanceof Failure && error.code === "engine-error") return error.message;
      throw error;
    }
  });
}

function trialSpec(): SandboxSpec {
  return {
    image: TRIAL_IMAGE,
    limits: TRIAL_LIMITS,
    maxLifetimeMs: TRIAL_LIFETIME_MS,
    egress: { mode: "none" },
    layers: [],
    labels: { purpose: "probe" },
  };
}

function toInfo({ Id, Labels, Created, State }: Docker.ContainerInfo): SandboxInfo {
  const state = State === "running" || State === "paused" ? State : "ended";
  const expiresAtMs = Number(Labels[EXPIRY_LABEL] ?? Number.POSITIVE_INFINITY);
  return { id: Id, labels: Labels, state, createdAtMs: Created * 1000, expiresAtMs };
}

/** Remembers the first answer; a failure is not remembered. */
function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => {
    answer ??= ask().catch((error: unknown) => {
      answer = undefined;
      throw error;
    });
    return answer;
  };
}
