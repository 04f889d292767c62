import type Docker from "dockerode";
import { Failure } from "../../../errors.ts";
import type { Capabilities, IsolationKind } from "../../capabilities.ts";
import type { ProbeReport } from "../../sandbox.ts";
import { ENGINE_TIMEOUT_MS, withinMs } from "./engine-error.ts";

/** A way to run containers on this engine. */
export type RuntimeChoice = {
  /** As the engine calls it. */
  readonly runtime: string;
  /** What its name promises; the trial finds out whether it is so. */
  readonly isolation: IsolationKind;
  readonly isGvisor: boolean;
  readonly userNamespace: boolean;
  /** Root in the container is root on the host's own kernel. */
  readonly weak: boolean;
  /** Limits that the engine holds with control groups; without them it starts containers all the same. */
  readonly held: Capabilities["limits"];
  /** The end of the stream to a container is not the end of the container's input. */
  readonly outlivesStream: boolean;
  /** As many as the engine has. */
  readonly processors: number;
};

/** What doesn't depend on the runtime. */
export type Can = Pick<Capabilities, "reconnect"> & Partial<Pick<Capabilities, "snapshot">>;

/** What sandboxes of this runtime can do; `reconnect` needs a folder for what `connect` has to know. */
export function capabilitiesOf(
  { isolation, held, outlivesStream }: Pick<RuntimeChoice, "isolation" | "held" | "outlivesStream">,
  can: Can,
): Capabilities {
  return {
    isolation,
    emulated: false,
    pause: true,
    snapshot: false,
    ...can,
    reconnect: can.reconnect && outlivesStream,
    limits: [...held, "workspaceMiB"],
  };
}

export type RuntimeOptions = {
  /** The only one to try; else the strongest that works. */
  readonly runtime?: string;
  readonly weakAllowed: boolean;
};

/** Makes a real sandbox and uses it; returns what is wrong with it, or undefined. */
export type Trial = (choice: RuntimeChoice, engineKernel: string) => Promise<string | undefined>;

export type Probed =
  | { readonly findings: readonly string[]; readonly choice: RuntimeChoice }
  /** `failure` is what `create` throws. */
  | {
      readonly findings: readonly string[];
      readonly choice: undefined;
      readonly failure: Failure;
    };

/** Tries one runtime after the other, the strongest first, and takes the first that works. */
export async function probeRuntimes(
  docker: Docker,
  options: RuntimeOptions,
  trial: Trial,
): Promise<Probed> {
  const info: EngineInfo = await withinMs(ENGINE_TIMEOUT_MS, docker.info());
  const findings: string[] = [];
  const choices = candidates(info, options.runtime);
  for (const choice of choices) {
    const name = describe(choice);
    if (choice.weak && !options.weakAllowed) {
      findings.push(
        `${name}: not used, because a container's root would be the host's. Install gVisor, let the daemon remap users (userns-remap), or allow it (\`allowWeak\`, or DUNLIN_WEAK_SANDBOX=1).`,
      );
      continue;
    }
    const problem = await trial(choice, info.KernelVersion ?? "");
    findings.push(`${name}: ${problem ?? "works"}`);
    if (problem === undefined) {
      return { findings: [...findings, ...notHeld(choice.held)], choice };
    }
  }
  if (choices.length > 0) return { findings, choice: undefined, failure: noneIsFit(findings) };
  const failure = noSuchRuntime(info, options.runtime);
  return { findings: [failure.message], choice: undefined, failure };
}

/** The answer to whoever asks what `create` would do. */
export function reportOf(probed: Probed, can: Can): ProbeReport {
  const { choice, findings } = probed;
  if (choice === undefined) return { ok: false, runtime: "", weak: false, findings };
  const { runtime, weak } = choice;
  return { ok: true, runtime, weak, findings, capabilities: capabilitiesOf(choice, can) };
}

function noneIsFit(findings: readonly string[]): Failure {
  return new Failure(
    "invalid-request",
    "no-safe-runtime",
    `No container runtime here is fit for untrusted code. ${findings.join(" ")}`,
  );
}

function noSuchRuntime(info: EngineInfo, wanted: string | undefined): Failure {
  const has = Object.keys(info.Runtimes ?? {}).sort();
  const what = wanted ?? "that Dunlin can use (Kata, gVisor, Sysbox, runc or crun)";
  return new Failure(
    "invalid-request",
    "no-such-runtime",
    `The container engine has no runtime ${what}; it has ${has.join(", ") || "none"}. Add it to the engine's configuration (\`runtimes\`), or choose one that is there (\`runtime\`, or DUNLIN_RUNTIME).`,
  );
}

type EngineInfo = {
  readonly Runtimes?: Readonly<Record<string, unknown>>;
  readonly SecurityOptions?: readonly string[];
  readonly KernelVersion?: string;
  readonly MemoryLimit?: boolean;
  readonly CpuCfsQuota?: boolean;
  readonly PidsLimit?: boolean;
  readonly NCPU?: number;
  /** Only Podman has one. Its containers' input ends with the stream, whatever was asked for. */
  readonly BuildahVersion?: string;
};

/** An engine without rights over control groups, such as one without root, says so and takes limits without a word. */
function heldLimits(info: EngineInfo): Capabilities["limits"] {
  const { CpuCfsQuota: cpus = true, MemoryLimit: memoryMiB = true, PidsLimit: pids = true } = info;
  const held = { cpus, memoryMiB, pids };
  return (["cpus", "memoryMiB", "pids"] as const).filter((name) => held[name]);
}

function notHeld(held: Capabilities["limits"]): readonly string[] {
  const missing = (["cpus", "memoryMiB", "pids"] as const).filter((name) => !held.includes(name));
  if (missing.length === 0) return [];
  return [
    `limits: the engine can't hold ${missing.join(", ")}, because it has no rights over control groups. Delegate them to its user (cgroup v2, systemd's Delegate=yes), or run it as root.`,
  ];
}

/** From the strongest to the weakest, by what engines call them. */
const KINDS: readonly { readonly name: RegExp; readonly isolation?: IsolationKind }[] = [
  { name: /kata/, isolation: "kata" },
  { name: /runsc|gvisor/, isolation: "gvisor" },
  { name: /sysbox/, isolation: "sysbox" },
  { name: /^runc$/ },
  { name: /^crun$/ },
];

function candidates(info: EngineInfo, only: string | undefined): readonly RuntimeChoice[] {
  const listed = Object.keys(info.Runtimes ?? {}).sort();
  const wanted =
    only === undefined
      ? KINDS.flatMap(({ name }) => listed.filter((runtime) => name.test(runtime)))
      : listed.filter((runtime) => runtime === only);
  const userNamespace = (info.SecurityOptions ?? []).some((option) =>
    /^name=(userns|rootless)\b/.test(option),
  );
  const engine = {
    held: heldLimits(info),
    outlivesStream: info.BuildahVersion === undefined,
    processors: info.NCPU ?? Number.POSITIVE_INFINITY,
  };
  return wanted.map((runtime) => ({ ...kindOf(runtime, userNamespace), ...engine }));
}

function kindOf(
  runtime: string,
  userNamespace: boolean,
): Omit<RuntimeChoice, "held" | "outlivesStream" | "processors"> {
  const plain = userNamespace ? "user-namespace" : "container";
  const isolation = KINDS.find(({ name }) => name.test(runtime))?.isolation ?? plain;
  return {
    runtime,
    isolation,
    isGvisor: isolation === "gvisor",
    // Sysbox gives each container its own, whatever the engine does.
    userNamespace: userNamespace || isolation === "sysbox",
    weak: isolation === "container",
  };
}

function describe({ runtime, userNamespace }: RuntimeChoice): string {
  return userNamespace ? `${runtime} with a user namespace` : `${runtime} without a user namespace`;
}
