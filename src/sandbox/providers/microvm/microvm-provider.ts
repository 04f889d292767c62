import { availableParallelism, release } from "node:os";
import { Failure } from "../../../errors.ts";
import type { Log } from "../../../log.ts";
import { type Capabilities, meetRequirements } from "../../capabilities.ts";
import { checkSpec, createSpecFit } from "../../check-spec.ts";
import type { ProbeReport, Sandbox, SandboxProvider, SandboxSpec } from "../../sandbox.ts";
import { type Dialler, directDialler } from "../../wire-host/dialler.ts";
import { TRIAL_LIMITS } from "../docker/trial.ts";
import { knownSandboxes } from "../known-sandboxes.ts";
import { once } from "../once.ts";
import { type HostFacts, lookAtHost } from "./host.ts";
import {
  type Accelerator,
  foldersBelow,
  type MakerOptions,
  makeFolders,
  makeSandbox,
} from "./machine-maker.ts";
import { createPreparation } from "./preparation.ts";
import { isAlive, readMachines, removeMachine, toInfo } from "./records.ts";
import { deleteSnapshot } from "./snapshots.ts";

export type MicrovmProviderOptions = {
  /** For kernels, disks, templates and machines; its `parts` come from the set-up. */
  readonly folder: string;
  readonly log: Log;
  /** Lets machines run on an emulated processor where there is no KVM: slow, and no boundary against an attacker. */
  readonly emulationAllowed: boolean;
  /** For every machine, beside those of its own. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Certificates of the host's own that commands need to reach anything, PEM. */
  readonly caBundle?: Uint8Array;
  /** Origins (`host:port`) that may be reached in a private network, e.g. the operator's own registry. */
  readonly privateOrigins?: readonly string[];
  /** One short line each time something is worth showing. */
  readonly onProgress?: (line: string) => void;
  readonly dialler?: Dialler;
};

type Probed = {
  readonly report: ProbeReport;
  readonly make: ((spec: SandboxSpec, signal?: AbortSignal) => Promise<Sandbox>) | undefined;
};

const TRIAL_LIFETIME_MS = 10 * 60_000;
/** An emulated processor on a busy machine is very slow, and that is no fault to remember. */
const TRIAL_TIMEOUT_MS = 5 * 60_000;
/** `$1` is the release of the host's kernel. */
const TRIAL = `set -e
echo written > /workspace/written
[ "$(ls /sys/class/net)" = lo ] || { echo "It has a network." >&2; exit 1; }
[ "$(cat /sys/fs/cgroup/pids.max)" = ${TRIAL_LIMITS.pids} ] || { echo "Nothing limits its processes." >&2; exit 1; }
[ "$(uname -r)" != "$1" ] || { echo "It has the host's kernel." >&2; exit 1; }`;

/** Sandboxes as small virtual machines of qemu's, without any network device. Nothing is started before the first call. */
export function createMicrovmProvider(options: MicrovmProviderOptions): SandboxProvider {
  const folders = foldersBelow(options.folder);
  const known = knownSandboxes();
  const getProbed = once(() => probe(options));
  const fitToHost = createSpecFit(options.log);

  async function create(wanted: SandboxSpec, signal: AbortSignal | undefined): Promise<Sandbox> {
    checkSpec(wanted);
    const spec = fitToHost(wanted, availableParallelism());
    const { report, make } = await getProbed();
    if (make === undefined || report.capabilities === undefined) throw noMachine(report);
    meetRequirements("microvm", report.capabilities, spec.require);
    return make({ ...spec, labels: { ...options.labels, ...spec.labels } }, signal);
  }

  return {
    name: "microvm",
    probe: async () => (await getProbed()).report,
    create: (spec, { signal } = {}) =>
      spec.key === undefined
        ? create(spec, signal)
        : known.shared(spec.key, () => create(spec, signal)),
    async connect(id) {
      throw new Failure(
        "invalid-request",
        "no-such-sandbox",
        `There is no micro-VM ${id} to connect to: none outlives the process that made it. Create a new one.`,
      );
    },
    async list(labels) {
      const all = await readMachines(folders.machines);
      const wanted = Object.entries(labels);
      const matching = all.filter((found) =>
        wanted.every(([name, value]) => found.labels[name] === value),
      );
      return Promise.all(matching.map(toInfo));
    },
    async destroy(id) {
      return (await removeMachine(folders.machines, id)) ? "destroyed" : "already-gone";
    },
    deleteSnapshot: (name) => deleteSnapshot(folders.snapshots, name),
    close: async () => {},
  };
}

function noMachine({ findings }: ProbeReport): Failure {
  return new Failure(
    "invalid-request",
    "no-safe-runtime",
    `No micro-VM can be made here. ${findings.join(" ")}`,
  );
}

async function probe(options: MicrovmProviderOptions): Promise<Probed> {
  const facts = await lookAtHost();
  if (!("qemuVersion" in facts)) return unusable(facts);
  const folders = foldersBelow(options.folder);
  await makeFolders(folders);
  await removeLeftovers(folders.machines);
  const { dialler = directDialler, privateOrigins = [] } = options;
  const preparation = createPreparation(folders, options);
  const maker: MakerOptions = { ...options, folders, facts, dialler, privateOrigins, preparation };
  const findings: string[] = [];
  for (const candidate of candidates(facts, options.emulationAllowed)) {
    if (typeof candidate === "string") {
      findings.push(candidate);
      continue;
    }
    const problem = await trial(candidate, maker);
    findings.push(`qemu with ${candidate.kind}: ${problem ?? "works"}`);
    if (problem !== undefined) continue;
    const { kind } = candidate;
    const capabilities = capabilitiesOf(kind);
    const found = {
      ok: true,
      runtime: `qemu-${kind}`,
      weak: kind === "tcg",
      findings,
      capabilities,
    };
    return { report: found, make: (spec, signal) => makeSandbox(spec, candidate, maker, signal) };
  }
  return unusable(findings);
}

function unusable(findings: readonly string[]): Probed {
  return { report: { ok: false, runtime: "", weak: false, findings }, make: undefined };
}

export function capabilitiesOf(kind: Accelerator["kind"]): Capabilities {
  return {
    isolation: "microvm",
    emulated: kind === "tcg",
    pause: true,
    snapshot: true,
    reconnect: false,
    limits: ["cpus", "memoryMiB", "pids", "workspaceMiB"],
  };
}

/** What to try, the strongest first; a sentence stands for what isn't tried, and why. */
export function candidates(
  { kvm }: Pick<HostFacts, "kvm">,
  emulationAllowed: boolean,
): readonly (Accelerator | string)[] {
  const native = kvm.usable
    ? { kind: "kvm" as const, kvmGroup: kvm.group }
    : `qemu with kvm: not tried, because ${kvm.why}.`;
  const emulated = emulationAllowed
    ? { kind: "tcg" as const, kvmGroup: undefined }
    : "qemu with tcg: not used, because an emulated processor is slow and no boundary that its makers defend. Run Dunlin on a machine with KVM, or allow emulation for tests (`allowWeak`, or DUNLIN_WEAK_SANDBOX=1).";
  return [native, emulated];
}

/** What is wrong with machines of this kind; undefined when they work. */
async function trial(candidate: Accelerator, maker: MakerOptions): Promise<string | undefined> {
  const spec: SandboxSpec = {
    image: "node",
    limits: TRIAL_LIMITS,
    maxLifetimeMs: TRIAL_LIFETIME_MS,
    egress: { mode: "none" },
    layers: [],
    labels: { purpose: "probe" },
  };
  try {
    await using sandbox = await makeSandbox(spec, candidate, maker);
    const result = await sandbox.exec(["/bin/sh", "-c", TRIAL, "sh", release()], {
      timeoutMs: TRIAL_TIMEOUT_MS,
    });
    if (result.end === "exit" && result.exitCode === 0) return undefined;
    return `its trial ended by ${result.end}. ${new TextDecoder().decode(result.stderr).trim()}`;
  } catch (error) {
    if (error instanceof Failure && error.code === "sandbox-not-started") return error.message;
    throw error;
  }
}

/** Machines of processes that are dead. Their qemu died with them; what is left are files. */
async function removeLeftovers(machines: string): Promise<void> {
  for (const { id, owner } of await readMachines(machines)) {
    if (!(await isAlive(owner))) await removeMachine(machines, id);
  }
}
