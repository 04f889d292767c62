import { createHash, randomUUID } from "node:crypto";
import { access, constants, mkdir, readFile } from "node:fs/promises";
import { availableParallelism, homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { createOpenAiModel } from "./agent/models/openai.ts";
import { priceOf } from "./agent/pricing.ts";
import { createFolderStore } from "./artifact/stores/folder.ts";
import { attestationOf, openKey } from "./attest.ts";
import { readCertificates } from "./certificates.ts";
import type { CodeHosts } from "./code-host/code-host.ts";
import type { Config } from "./config.ts";
import { chooseDataFolder } from "./data-folder.ts";
import type { Engine } from "./engine/engine.ts";
import { createDbosEngine } from "./engine/engines/dbos/dbos-engine.ts";
import { startEmbeddedPostgres } from "./engine/engines/dbos/embedded-postgres.ts";
import { Failure, toFailure } from "./errors.ts";
import { createLog, type Log } from "./log.ts";
import { findRegistries } from "./registries.ts";
import type { RunPorts } from "./run/open-run.ts";
import type { RunStore } from "./run/store.ts";
import { createBaselineFiles } from "./run/stores/baseline-files.ts";
import { createInstallFiles } from "./run/stores/install-files.ts";
import { createJournalFiles } from "./run/stores/journal-files.ts";
import { openRunStore } from "./run/stores/postgres-run-store.ts";
import { watchRun } from "./run/stores/watch-run.ts";
import { type Reaping, type Sweep, startReaping } from "./sandbox/providers/reaping.ts";
import { reap } from "./sandbox/reaper.ts";
import type { SandboxSpec } from "./sandbox/sandbox.ts";
import { directDialler } from "./sandbox/wire-host/dialler.ts";
import {
  type OverseenProvider,
  PROVIDERS,
  STATE_FOLDERS,
  USUAL_CPUS,
} from "./sandbox-providers.ts";
import type { Mirrors } from "./workspace/mirror.ts";
import { createGitMirrors, MIRROR_LIMITS } from "./workspace/mirrors/git/git-mirrors.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where everything is kept that must outlive the process. */
async function openDataFolder(config: Config): Promise<string> {
  const user = { uid: process.getuid?.(), home: homedir() };
  const folder = chooseDataFolder(config.DUNLIN_DATA_DIR, user);
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
    return folder;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Failure(
      "invalid-request",
      "data-folder",
      `Dunlin can't keep its data in ${folder} (${reason}). Set DUNLIN_DATA_DIR to a folder that this user may write to.`,
      { cause },
    );
  }
}

/** The key from its file, too: as a setting it is among the secrets that are kept out of what is published. */
export async function withPrivateKey<C extends Config>(
  config: C,
): Promise<C & { readonly GITHUB_APP_PRIVATE_KEY: string }> {
  const { GITHUB_APP_PRIVATE_KEY: text, GITHUB_APP_PRIVATE_KEY_FILE: file = "" } = config;
  if (text !== undefined) {
    return { ...config, GITHUB_APP_PRIVATE_KEY: text.replaceAll("\\n", "\n") };
  }
  try {
    return { ...config, GITHUB_APP_PRIVATE_KEY: await readFile(file, "utf8") };
  } catch (cause) {
    throw new Failure(
      "invalid-request",
      "config",
      `The private key ${file} can't be read. Set GITHUB_APP_PRIVATE_KEY_FILE to the PEM file that GitHub gave you.`,
      { cause },
    );
  }
}

/** What most runs will ask for. */
type UsualSandbox = Pick<SandboxSpec, "image" | "limits">;

export type Foundation = AsyncDisposable & {
  readonly engine: Engine;
  readonly store: RunStore;
  readonly log: Log;
  readonly folder: string;
  /** For all sandboxes: whose they are. */
  readonly labels: { readonly owner: string; readonly process: string };
  /** From the start on, what nobody needs is removed there every minute; at the end, what this process has. */
  oversee(sandboxes: OverseenProvider, usual: UsualSandbox): void;
  /** Resumes what was under way, then takes new work. */
  start(): Promise<void>;
};

/** The database, the engine on it and the run store. `scope` names the work this process takes. */
export async function layFoundation(
  config: Config,
  scope: string,
  onScopeLost: () => void,
): Promise<Foundation> {
  const log = createLog(config.DUNLIN_LOG);
  const folder = await openDataFolder(config);
  const embedded =
    config.DATABASE_URL === undefined
      ? await startEmbeddedPostgres(join(folder, "postgres"))
      : undefined;
  const databaseUrl = config.DATABASE_URL ?? embedded?.url ?? "";
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 5, ...PATIENCE });
  pool.on("error", (error) => log.warn({ error: error.message }, "database connection lost"));
  const release = async () => {
    await pool.end();
    await embedded?.stop();
  };
  const store = await openRunStore(pool).catch(async (cause: unknown) => {
    await release();
    throw databaseFailure(cause);
  });
  const engine = createDbosEngine({ databaseUrl, scope, log, onScopeLost });
  // One process holds a scope at a time, so only that one removes what others with the same owner left.
  const labels = { owner: `${store.databaseId}/${scope}`, process: randomUUID() };
  let sandboxes: OverseenProvider | undefined;
  let usual: UsualSandbox | undefined;
  let reaping: Reaping | undefined;
  return {
    engine,
    store,
    log,
    folder,
    labels,
    oversee(provider, kind) {
      sandboxes = provider;
      usual = kind;
    },
    async start() {
      await engine.start();
      if (sandboxes !== undefined) {
        reaping = startReaping(sweepsOf(sandboxes, labels.owner, [labels.process]), log);
        // Whoever creates a sandbox meets the same problem, and is told.
        if (usual !== undefined) sandboxes.warm?.(usual).catch(() => {});
      }
    },
    async [Symbol.asyncDispose]() {
      await engine.stop({ graceMs: GRACE_MS });
      await reaping?.[Symbol.asyncDispose]();
      if (sandboxes !== undefined) {
        await using last = startReaping(sweepsOf(sandboxes, labels.owner, []), log);
        await last.first;
        await sandboxes.close().catch((error: unknown) => {
          log.warn({ error: toFailure(error).message }, "mounts may be left");
        });
      }
      await release();
    },
  };
}

const PATIENCE = { connectionTimeoutMillis: 30_000 };

function databaseFailure(cause: unknown): Failure {
  if (cause instanceof Failure) return cause;
  const reason = cause instanceof Error ? cause.message || cause.name : String(cause);
  return new Failure(
    "invalid-request",
    "database-unusable",
    `The database refuses to be used (${reason}). Check that the user in DATABASE_URL may create schemas, or unset it to use the embedded one.`,
    { cause },
  );
}

/** For the steps under way when the process stops. */
export const GRACE_MS = 10_000;

function sweepsOf(
  provider: OverseenProvider,
  owner: string,
  living: readonly string[],
): readonly Sweep[] {
  const processes = new Set(living);
  // No run asks for a sandbox that outlives its process, so none is kept for one.
  const runs = new Set<string>();
  const sandboxes = async () =>
    (await reap(provider, Date.now(), { owner, processes, runs })).length;
  const orphans = provider.sweepOrphans;
  return [
    { name: "sandboxes", run: sandboxes },
    ...(orphans === undefined ? [] : [{ name: "orphans", run: orphans }]),
  ];
}

/** `localRepositories` lets git read folders of this machine; a server never does. */
export async function openMirrors(
  config: Config,
  env: Environment,
  localRepositories: boolean,
): Promise<Mirrors> {
  const folder = join(await openDataFolder(config), "mirrors");
  return createGitMirrors({ folder, hostEnv: env, localRepositories, limits: MIRROR_LIMITS });
}

/** Everything a run needs, with the adapters that stand behind the ports. */
export async function composeRuns(
  config: Config,
  env: Environment,
  foundation: Foundation,
  hosts: CodeHosts,
  options: {
    readonly onProgress: RunPorts["onProgress"];
    readonly localRepositories: boolean;
  },
): Promise<RunPorts> {
  const { folder, store, log } = foundation;
  const { price, source } = modelPrice(config);
  if (source === "default") {
    log.warn({ model: config.DUNLIN_MODEL }, "price unknown, a high one is assumed");
  }
  const { credentials, secrets, ...registries } = await findRegistries(
    config.DUNLIN_REGISTRIES,
    env,
  );
  const certificates = await readCertificates(env);
  const sandboxes = await PROVIDERS[config.DUNLIN_SANDBOX]({
    env,
    log,
    stateFolder: join(folder, STATE_FOLDERS[config.DUNLIN_SANDBOX]),
    dialler: { ...directDialler, ...certificates, credentials },
    labels: foundation.labels,
    poolSize: config.DUNLIN_POOL_SIZE,
    weakAllowed: config.DUNLIN_WEAK_SANDBOX,
    onProgress: (note) => options.onProgress({ run: "", state: "note", note }),
    ...(config.DUNLIN_RUNTIME === undefined ? {} : { runtime: config.DUNLIN_RUNTIME }),
    ...certificates,
  });
  const limits = limitsOf(config);
  const key = await openKey(config, folder);
  const [image = ""] = config.DUNLIN_IMAGES;
  foundation.oversee(sandboxes, { image, limits: limits.sandbox });
  return {
    hosts,
    store,
    log,
    price,
    onProgress: options.onProgress,
    journals: createJournalFiles(join(folder, "journals")),
    artifacts: await createFolderStore(join(folder, "artifacts")),
    attestation: attestationOf(key, config.DUNLIN_PUBLIC_URL),
    installs: createInstallFiles(join(folder, "installs")),
    baselines: createBaselineFiles(join(folder, "baselines")),
    sandboxes,
    mirrors: await openMirrors(config, env, options.localRepositories),
    model: modelOf(config),
    registries,
    limits,
    images: config.DUNLIN_IMAGES,
    watch: (runId, deadlineMs) => watchRun(store, runId, deadlineMs, log),
    secrets: () => [...secretsOf(config), key.secret, ...secrets],
    sha256: (content) => `sha256:${createHash("sha256").update(content).digest("hex")}`,
    now: () => Date.now(),
    pause: (durationMs, signal) => delay(durationMs, undefined, { signal }),
    isoTime: (ms) => new Date(ms).toISOString(),
    newId: () => randomUUID(),
    createHash: () => createHash("sha256"),
  };
}

function modelOf(config: Config): RunPorts["model"] {
  return createOpenAiModel({
    baseUrl: config.OPENAI_BASE_URL,
    model: config.DUNLIN_MODEL,
    contextWindow: config.DUNLIN_CONTEXT_TOKENS,
    ...(config.OPENAI_API_KEY === undefined ? {} : { apiKey: config.OPENAI_API_KEY }),
  });
}

/** What the model costs: the operator's word, else the table's, else a guess on the high side. */
export function modelPrice(config: Config): ReturnType<typeof priceOf> {
  const { DUNLIN_INPUT_USD: inputUsd, DUNLIN_OUTPUT_USD: outputUsd } = config;
  if (inputUsd === undefined || outputUsd === undefined) return priceOf(config.DUNLIN_MODEL);
  return priceOf(config.DUNLIN_MODEL, { inputUsd, cachedInputUsd: inputUsd, outputUsd });
}

/** Sandboxes in which one run's evidence is made; each may take the memory of a whole one. */
const MOST_AT_ONCE = 4;

export function limitsOf(config: Config): RunPorts["limits"] {
  return {
    runUsd: config.DUNLIN_RUN_USD,
    runTokens: config.DUNLIN_RUN_TOKENS,
    repositoryDayUsd: config.DUNLIN_REPOSITORY_DAY_USD,
    totalDayUsd: config.DUNLIN_DAY_USD,
    turns: config.DUNLIN_RUN_TURNS,
    contextTokens: config.DUNLIN_CONTEXT_TOKENS,
    durationMs: config.DUNLIN_RUN_MINUTES * 60_000,
    sandbox: {
      cpus: config.DUNLIN_CPUS ?? USUAL_CPUS,
      memoryMiB: config.DUNLIN_MEMORY_MIB,
      pids: config.DUNLIN_PIDS,
      workspaceMiB: config.DUNLIN_WORKSPACE_MIB,
    },
    sandboxesAtOnce: Math.min(MOST_AT_ONCE, availableParallelism()),
  };
}

function secretsOf(config: Config): readonly string[] {
  return [
    config.OPENAI_API_KEY,
    config.GITHUB_APP_PRIVATE_KEY,
    config.GITHUB_WEBHOOK_SECRET,
    config.GITHUB_WEBHOOK_SECRET_OLD,
    config.DATABASE_URL && URL.parse(config.DATABASE_URL)?.password,
  ].filter((value): value is string => value !== undefined && value !== "");
}
