import Docker from "dockerode";
import { Failure } from "../../../errors.ts";
import type { Log } from "../../../log.ts";
import { meetRequirements } from "../../capabilities.ts";
import type { Sandbox, SandboxInfo, SandboxProvider, SandboxSpec } from "../../sandbox.ts";
import { type Dialler, directDialler } from "../../wire-host/dialler.ts";
import { EXPIRY_LABEL, OWNER_LABEL } from "./container-options.ts";
import { ENGINE_TIMEOUT_MS, statusOf, withinMs } from "./engine-error.ts";
import { dockerOptions } from "./engine-socket.ts";
import { ensureImage, type Image } from "./image.ts";
import { removeContainer } from "./machine.ts";
import {
  capabilitiesOf,
  type Probed,
  probeRuntimes,
  type RuntimeChoice,
  reportOf,
} from "./runtime.ts";
import { startSandbox } from "./start-sandbox.ts";
import { TRIAL_LIMITS, tryOut } from "./trial.ts";

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
};

const TRIAL_IMAGE = "node";
const TRIAL_LIFETIME_MS = 5 * 60_000;

/** Sandboxes as containers of one Docker engine. Nothing is asked of the engine before the first call. */
export function createDockerProvider(options: DockerProviderOptions): SandboxProvider {
  const getEngine = once(async () => new Docker(await dockerOptions(options.env)));
  const start = createStarter(getEngine, options);
  const can = { reconnect: false };
  const getProbed = once(async () => probe(await getEngine(), options, start));
  return {
    name: "docker",
    probe: async () => reportOf(await getProbed(), can),
    async create(spec, { signal } = {}) {
      const probed = await getProbed();
      if (probed.choice === undefined) throw probed.failure;
      meetRequirements("docker", capabilitiesOf(probed.choice, can), spec.require);
      return start(spec, probed.choice, signal);
    },
    async connect(id) {
      throw new Failure(
        "invalid-request",
        "no-such-sandbox",
        `There is no sandbox ${id} to connect to; create a new one.`,
      );
    },
    async list(labels) {
      const docker = await getEngine();
      const wanted = { ...labels, [OWNER_LABEL]: "1" };
      const label = Object.entries(wanted).map(([name, value]) => `${name}=${value}`);
      const all = docker.listContainers({ all: true, filters: { label } });
      return (await withinMs(ENGINE_TIMEOUT_MS, all)).map(toInfo);
    },
    async destroy(id) {
      return removeContainer((await getEngine()).getContainer(id));
    },
    deleteSnapshot: async () => {},
  };
}

type Start = (spec: SandboxSpec, choice: RuntimeChoice, signal?: AbortSignal) => Promise<Sandbox>;

/** Starts sandboxes from images that are looked up, or built, once. */
function createStarter(getEngine: () => Promise<Docker>, options: DockerProviderOptions): Start {
  const { log, caBundle, dialler = directDialler, privateOrigins = [], onProgress } = options;
  const images = new Map<string, Promise<Image>>();

  function image(docker: Docker, name: string): Promise<Image> {
    const known = images.get(name);
    if (known !== undefined) return known;
    const found = ensureImage(docker, name, onProgress === undefined ? {} : { onProgress });
    images.set(name, found);
    found.catch(() => images.delete(name));
    return found;
  }

  return async (wanted, choice, signal) => {
    const expiry = { [EXPIRY_LABEL]: `${Date.now() + wanted.maxLifetimeMs}` };
    const spec = { ...wanted, labels: { ...options.labels, ...wanted.labels, ...expiry } };
    const docker = await getEngine();
    const common = {
      docker,
      choice,
      log,
      dialler,
      privateOrigins,
      ...(caBundle === undefined ? {} : { caBundle }),
      ...(signal === undefined ? {} : { signal }),
    };
    try {
      return await startSandbox(spec, { ...common, image: await image(docker, spec.image) });
    } catch (error) {
      if (!isMissingImage(error)) throw error;
      images.delete(spec.image); // somebody has removed it since
      return startSandbox(spec, { ...common, image: await image(docker, spec.image) });
    }
  };
}

async function probe(
  docker: Docker,
  options: DockerProviderOptions,
  start: Start,
): Promise<Probed> {
  // Asked first: an engine that is down must not look like a runtime that doesn't work.
  await withinMs(ENGINE_TIMEOUT_MS, docker.ping());
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

function isMissingImage(error: unknown): boolean {
  return error instanceof Failure && statusOf(error.cause) === 404;
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
