import type Docker from "dockerode";
import type { Capabilities } from "../../capabilities.ts";
import type { ProbeReport } from "../../sandbox.ts";
import { ENGINE_TIMEOUT_MS, withinMs } from "./engine-error.ts";

/** A way to run containers on this engine. */
export type RuntimeChoice = {
  /** As the engine calls it. */
  readonly runtime: string;
  readonly isGvisor: boolean;
  readonly userNamespace: boolean;
  /** Root in the container is root on the host's own kernel. */
  readonly weak: boolean;
};

/** What sandboxes of this runtime can do. */
export function capabilitiesOf({ isGvisor, userNamespace }: RuntimeChoice): Capabilities {
  const plain = userNamespace ? "user-namespace" : "container";
  return {
    isolation: isGvisor ? "gvisor" : plain,
    emulated: false,
    pause: true,
    snapshot: false,
    reconnect: false,
    limits: ["cpus", "memoryMiB", "pids", "workspaceMiB"],
  };
}

export type RuntimeOptions = {
  /** The only one to try; else the strongest that works. */
  readonly runtime?: string;
  readonly weakAllowed: boolean;
};

/** Makes a real sandbox and uses it; returns what is wrong with it, or undefined. */
export type Trial = (choice: RuntimeChoice) => Promise<string | undefined>;

export type Probed = { readonly report: ProbeReport; readonly choice: RuntimeChoice | undefined };

/** Tries one runtime after the other, the strongest first, and takes the first that works. */
export async function probeRuntimes(
  docker: Docker,
  options: RuntimeOptions,
  trial: Trial,
): Promise<Probed> {
  const info: EngineInfo = await withinMs(ENGINE_TIMEOUT_MS, docker.info());
  const findings: string[] = [];
  for (const choice of candidates(info, options.runtime)) {
    const name = describe(choice);
    if (choice.weak && !options.weakAllowed) {
      findings.push(
        `${name}: not used, because a container's root would be the host's. Install gVisor, let the daemon remap users (userns-remap), or allow it with DUNLIN_WEAK_SANDBOX=1.`,
      );
      continue;
    }
    const problem = await trial(choice);
    findings.push(`${name}: ${problem ?? "works"}`);
    if (problem !== undefined) continue;
    const { runtime, weak } = choice;
    const capabilities = capabilitiesOf(choice);
    return { report: { ok: true, runtime, weak, findings, capabilities }, choice };
  }
  if (findings.length === 0) {
    findings.push(`The engine knows no runtime ${options.runtime ?? "runsc or runc"}.`);
  }
  return { report: { ok: false, runtime: "", weak: false, findings }, choice: undefined };
}

type EngineInfo = {
  readonly Runtimes?: Readonly<Record<string, unknown>>;
  readonly SecurityOptions?: readonly string[];
};

function candidates(info: EngineInfo, only: string | undefined): readonly RuntimeChoice[] {
  const names = Object.keys(info.Runtimes ?? {}).sort();
  const gvisor = names.filter(isGvisorName);
  const wanted = only === undefined ? [...gvisor, "runc"] : [only];
  const userNamespace = (info.SecurityOptions ?? []).some((option) =>
    /^name=(userns|rootless)\b/.test(option),
  );
  return wanted
    .filter((runtime) => names.includes(runtime))
    .map((runtime) => {
      const isGvisor = isGvisorName(runtime);
      return { runtime, isGvisor, userNamespace, weak: !isGvisor && !userNamespace };
    });
}

function isGvisorName(runtime: string): boolean {
  return /runsc|gvisor/.test(runtime);
}

function describe({ runtime, userNamespace }: RuntimeChoice): string {
  return userNamespace ? `${runtime} with a user namespace` : `${runtime} without a user namespace`;
}
