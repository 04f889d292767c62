import { join } from "node:path";
import Docker from "dockerode";
import { Failure } from "../../../errors.ts";
import type { SandboxSpec } from "../../sandbox.ts";
import { openKeptSandboxes } from "../kept/kept-sandboxes.ts";
import { once } from "../once.ts";
import type { DockerProviderOptions } from "./docker-provider.ts";
import { ENGINE_TIMEOUT_MS, withinMs } from "./engine-error.ts";
import { dockerOptions } from "./engine-socket.ts";
import { createImages, type Images } from "./images.ts";
import { openMadeContainers } from "./made-containers.ts";
import { podmanVersion, speakPodman } from "./podman.ts";
import { type Can, type Probed, probeRuntimes, type RuntimeChoice } from "./runtime.ts";
import { createStarter, type Starter, type State } from "./starter.ts";
import { TRIAL_LIMITS, tryOut } from "./trial.ts";
import { openWorkspaces, type Workspaces } from "./workspaces/workspaces.ts";

const TRIAL_IMAGE = "node";
const TRIAL_LIFETIME_MS = 5 * 60_000;

/** What there is to make sandboxes with; each part is looked for when it is first needed. */
export function lookAround(options: DockerProviderOptions) {
  const getEngine = once(() => openEngine(options));
  const images = createImages(options);
  const state = openState(getEngine, options);
  const starter = createStarter(getEngine, images, state, options);
  const getProbed = once(async () => probe(await getEngine(), options, starter.start));
  const getWorkspaces = once(async () => {
    const { choice } = await getProbed();
    return findWorkspaces(await getEngine(), choice, images, options);
  });
  const getCan = async (): Promise<Can> => {
    const { workspaces } = await getWorkspaces();
    return { reconnect: state !== undefined, snapshot: workspaces !== undefined };
  };
  return { getEngine, getProbed, getWorkspaces, getCan, state, starter };
}

async function openEngine({ env }: DockerProviderOptions): Promise<Docker> {
  const docker = new Docker(await dockerOptions(env));
  const podman = await withinMs(ENGINE_TIMEOUT_MS, podmanVersion(docker));
  return podman === undefined ? docker : speakPodman(docker);
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
