import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Failure } from "../../../errors.ts";
import type { Log } from "../../../log.ts";
import { meetRequirements } from "../../capabilities.ts";
import { checkSpec, createSpecFit } from "../../check-spec.ts";
import type {
  ProbeReport,
  Sandbox,
  SandboxInfo,
  SandboxProvider,
  SandboxSpec,
} from "../../sandbox.ts";
import { type Dialler, directDialler } from "../../wire-host/dialler.ts";
import { knownSandboxes } from "../known-sandboxes.ts";
import { once } from "../once.ts";
import { endSandbox } from "./ending.ts";
import { freezingGroup, isFrozen } from "./freezer.ts";
import { HOST_IMAGE, layHostRoot, planHostRoot } from "./host-root.ts";
import { probeHost, type Start } from "./probe.ts";
import { identifyProcess, isAlive, type ProcessId } from "./process-id.ts";
import { createRecords, type Records, type SandboxRecord } from "./records.ts";
import { startSandbox } from "./start-sandbox.ts";
import type { FilterArch } from "./syscall-numbers.ts";

export type BubblewrapProviderOptions = {
  /** A folder of this provider's own on a local disk. Two Dunlins may share it; each sees the other's sandboxes. */
  readonly stateFolder: string;
  readonly log: Log;
  /** For every sandbox, beside those of its own. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Certificates of the host's own that commands need to reach anything, PEM. */
  readonly caBundle?: Uint8Array;
  /** Origins (`host:port`) that may be reached in a private network, e.g. the operator's own registry. */
  readonly privateOrigins?: readonly string[];
  readonly dialler?: Dialler;
};

/**
 * Sandboxes as processes of this machine, shut in by bubblewrap: for machines without any container engine, and only
 * with root. Nothing is done before the first call; then what dead Dunlins have left in the state folder is removed.
 */
export function createBubblewrapProvider(options: BubblewrapProviderOptions): SandboxProvider {
  const records = createRecords(join(options.stateFolder, "sandboxes"));
  const start = createStarter(options, records);
  const known = knownSandboxes();
  const fitToHost = createSpecFit(options.log);
  const getProbed = once(async () => {
    await sweep(records);
    return probeHost(start);
  });

  async function create(wanted: SandboxSpec, signal?: AbortSignal): Promise<Sandbox> {
    checkSpec(wanted);
    const spec = fitToHost(wanted, availableParallelism());
    const { report, found } = await getProbed();
    if (found === undefined) throw noSandboxes(report);
    meetRequirements("bubblewrap", found.capabilities, spec.require);
    if (spec.snapshot !== undefined) throw noSuchSnapshot(spec.snapshot);
    return start(spec, found.host, signal);
  }

  return {
    name: "bubblewrap",
    probe: async () => (await getProbed()).report,
    create: (spec, { signal } = {}) =>
      spec.key === undefined
        ? create(spec, signal)
        : known.shared(spec.key, () => create(spec, signal)),
    async connect(id) {
      throw new Failure(
        "invalid-request",
        "no-such-sandbox",
        `There is no sandbox ${id} to connect to; create a new one.`,
      );
    },
    async list(labels) {
      const wanted = Object.entries(labels);
      const all = await records.all();
      const matching = all.filter((record) =>
        wanted.every(([name, value]) => record.labels[name] === value),
      );
      return Promise.all(matching.map(toInfo));
    },
    async destroy(id) {
      const record = /^[a-z0-9-]+$/.test(id) ? await records.read(id) : undefined;
      if (record === undefined) return "already-gone";
      await endSandbox(record, records);
      return "destroyed";
    },
    deleteSnapshot: async () => {},
    close: async () => {},
  };
}

function createStarter(options: BubblewrapProviderOptions, records: Records): Start {
  const { stateFolder, log, caBundle, dialler = directDialler, privateOrigins = [] } = options;
  const getPlan = once((arch: FilterArch) => planHostRoot(stateFolder, arch));
  return async (wanted, host, signal) => {
    if (wanted.image !== HOST_IMAGE) throw noSuchImage(wanted.image);
    const root = await getPlan(host.arch);
    await layHostRoot(root);
    const spec = { ...wanted, labels: { ...options.labels, ...wanted.labels } };
    return startSandbox(spec, {
      host,
      root,
      records,
      owner: await thisProcess(),
      dialler,
      privateOrigins,
      log,
      ...(caBundle === undefined ? {} : { caBundle }),
      ...(signal === undefined ? {} : { signal }),
    });
  };
}

/** A sandbox ends with the Dunlin that made it; its control groups and its record stay, and all of it if it was paused. */
async function sweep(records: Records): Promise<void> {
  for (const record of await records.all()) {
    if (!(await isAlive(record.owner))) await endSandbox(record, records);
  }
}

async function toInfo(record: SandboxRecord): Promise<SandboxInfo> {
  const { id, labels, createdAtMs, expiresAtMs, owner, init, groups } = record;
  const group = freezingGroup(groups);
  const isRunning = await isAlive(init ?? owner);
  const isPaused = isRunning && group !== undefined && (await isFrozen(group));
  const state = !isRunning ? "ended" : isPaused ? "paused" : "running";
  return { id, labels, state, createdAtMs, expiresAtMs };
}

async function thisProcess(): Promise<ProcessId> {
  const self = await identifyProcess(process.pid);
  if (self === undefined) throw new Error("This process is not in /proc.");
  return self;
}

function noSandboxes(report: ProbeReport): Failure {
  return new Failure(
    "invalid-request",
    "no-safe-runtime",
    `No sandbox can be made with bubblewrap here. ${report.findings.join(" ")}`,
  );
}

function noSuchImage(image: string): Failure {
  return new Failure(
    "invalid-request",
    "no-such-image",
    `The bubblewrap provider has no image "${image}": its only one is "${HOST_IMAGE}", which is this machine's own /usr with Dunlin's Node. Ask for that, or use a provider with a container engine.`,
  );
}

function noSuchSnapshot(name: string): Failure {
  return new Failure(
    "invalid-request",
    "no-such-snapshot",
    `There is no snapshot ${name}: the bubblewrap provider makes none.`,
  );
}
