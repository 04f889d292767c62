import { mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { readCertificates } from "./certificates.ts";
import { chooseDataFolder } from "./data-folder.ts";
import { Failure } from "./errors.ts";
import { createLog, type Log } from "./log.ts";
import { checkOrigins } from "./sandbox/egress-origin.ts";
import type { Sandbox, SandboxLimits, SandboxProvider, SandboxSpec } from "./sandbox/sandbox.ts";
import {
  PROVIDERS,
  type ProviderName,
  type ProviderOptions,
  STATE_FOLDERS,
  USUAL_CPUS,
} from "./sandbox-providers.ts";

export type { Capabilities, IsolationKind, Requirements } from "./sandbox/capabilities.ts";
export type { EgressPolicy, EgressRefusal } from "./sandbox/egress.ts";
export type {
  ExecOptions,
  ExecResult,
  FileWrite,
  Isolation,
  Layer,
  OutputChunk,
  ProbeReport,
  Sandbox,
  SandboxInfo,
  SandboxLimits,
  SandboxProvider,
  SandboxSpec,
} from "./sandbox/sandbox.ts";
export type { ProviderName } from "./sandbox-providers.ts";

export type SandboxesOptions = Partial<Omit<ProviderOptions, "weakAllowed">> & {
  /** Default `docker`. */
  readonly provider?: ProviderName;
  /** Allows a container runtime with known escapes, or an emulated processor. Default false. */
  readonly allowWeak?: boolean;
};

/** What a sandbox shall be; all that is left out has a default. */
export type WantedSandbox = Partial<Omit<SandboxSpec, "limits">> & {
  readonly limits?: Partial<SandboxLimits>;
};

/** A provider whose `create` needs to be told only what is special. */
export interface Sandboxes extends SandboxProvider {
  /**
   * By default: image `node`, 2 processors if there are so many, 2048 MiB of memory, 512 processes, a workspace of 1024 MiB, an hour to live,
   * no network, nothing that outlives the process. Throws what `SandboxProvider.create` does.
   */
  create(wanted?: WantedSandbox, options?: { readonly signal?: AbortSignal }): Promise<Sandbox>;
}

const LIMITS: SandboxLimits = { cpus: USUAL_CPUS, memoryMiB: 2048, pids: 512, workspaceMiB: 1024 };

const DEFAULTS: SandboxSpec = {
  image: "node",
  limits: LIMITS,
  maxLifetimeMs: 3_600_000,
  egress: { mode: "none" },
  layers: [],
  labels: {},
};

/**
 * Sandboxes of one provider on this machine. Nothing is started, asked or written before the first call; without
 * `env`, the process's own says where the engine and Dunlin's data folder are. Throws
 * `invalid-request` (`no-such-provider`, `bad-egress`).
 */
export function createSandboxes(options: SandboxesOptions = {}): Sandboxes {
  const name = options.provider ?? "docker";
  if (!Object.hasOwn(PROVIDERS, name)) throw noSuchProvider(name);
  checkOrigins(options.privateOrigins ?? []);
  let made: Promise<SandboxProvider> | undefined;
  const provider = () => {
    made ??= providerOptions(name, options).then(PROVIDERS[name]);
    return made;
  };
  return {
    name,
    probe: async () => (await provider()).probe(),
    create: async (wanted = {}, more) => (await provider()).create(fillSpec(wanted), more),
    connect: async (id) => (await provider()).connect(id),
    list: async (labels = {}) => (await provider()).list(labels),
    destroy: async (id) => (await provider()).destroy(id),
    deleteSnapshot: async (snapshot) => (await provider()).deleteSnapshot(snapshot),
    close: async () => (await made)?.close(),
  };
}

/** With a default for all that is left out. */
export function fillSpec(wanted: WantedSandbox): SandboxSpec {
  return { ...DEFAULTS, ...wanted, limits: { ...LIMITS, ...wanted.limits } };
}

async function providerOptions(
  name: ProviderName,
  options: SandboxesOptions,
): Promise<ProviderOptions> {
  const { provider: _, allowWeak = false, env = process.env, ...given } = options;
  const user = { uid: process.getuid?.(), home: homedir() };
  const data = chooseDataFolder(env["DUNLIN_DATA_DIR"], user);
  const log: Log = given.log ?? createLog("warn");
  const stateFolder = given.stateFolder ?? join(data, STATE_FOLDERS[name]);
  // What the provider makes is its own; folders above it have to let the users of containers pass.
  await mkdir(dirname(stateFolder), { recursive: true });
  const certificates = await readCertificates(env);
  return { ...certificates, ...given, env, log, stateFolder, weakAllowed: allowWeak };
}

function noSuchProvider(name: string): Failure {
  const known = Object.keys(PROVIDERS).join(", ");
  const message = `There is no sandbox provider "${name}". Choose one of ${known}.`;
  return new Failure("invalid-request", "no-such-provider", message);
}
