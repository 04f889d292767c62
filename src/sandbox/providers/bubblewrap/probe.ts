import { randomUUID } from "node:crypto";
import { Failure } from "../../../errors.ts";
import type { Capabilities } from "../../capabilities.ts";
import type { ProbeReport, Sandbox, SandboxSpec } from "../../sandbox.ts";
import { TRIAL_LIMITS, tryOut } from "../docker/trial.ts";
import { canControl, type Host, lookAtHost } from "./host.ts";
import { HOST_IMAGE } from "./host-root.ts";

const WEAKER =
  "WEAK: bubblewrap is for machines without any container engine. Commands share the host's kernel, so one fault in it is a way out, and they read all of the host's /usr. A container engine with gVisor is stronger; use one where it can run.";
const TRIAL_LIFETIME_MS = 5 * 60_000;

export type Probed = {
  readonly report: ProbeReport;
  /** Missing when no sandbox can be made here. */
  readonly found?: { readonly host: Host; readonly capabilities: Capabilities };
};

/** Makes a real sandbox. */
export type Start = (spec: SandboxSpec, host: Host, signal?: AbortSignal) => Promise<Sandbox>;

/** Looks around, then makes a sandbox and uses it. */
export async function probeHost(start: Start): Promise<Probed> {
  const host = await lookAtHost(`trial-${randomUUID()}`);
  if (typeof host === "string") {
    return { report: { ok: false, runtime: "", weak: false, findings: [host] } };
  }
  const problem = await trial(start, host);
  const capabilities = capabilitiesOf(host);
  const findings = [`${host.bwrap} with a user namespace: ${problem ?? "works"}`];
  if (problem !== undefined) {
    return { report: { ok: false, runtime: "", weak: false, findings } };
  }
  findings.push(WEAKER, ...missingLimits(host));
  const report = { ok: true, runtime: host.bwrap, weak: true, findings, capabilities };
  return { report, found: { host, capabilities } };
}

/** What is wrong with a sandbox here; undefined when all works. */
async function trial(start: Start, host: Host): Promise<string | undefined> {
  const spec: SandboxSpec = {
    image: HOST_IMAGE,
    limits: TRIAL_LIMITS,
    maxLifetimeMs: TRIAL_LIFETIME_MS,
    egress: { mode: "none" },
    layers: [],
    labels: { purpose: "probe" },
  };
  try {
    await using sandbox = await start(spec, host);
    // Root inside must be nobody outside.
    return await tryOut(sandbox, "user-namespace", host.kernel);
  } catch (error) {
    if (error instanceof Failure && error.code === "sandbox-not-started") return error.message;
    throw error;
  }
}

function capabilitiesOf(host: Host): Capabilities {
  return {
    isolation: "process",
    emulated: false,
    pause: canControl(host, "freezer"),
    snapshot: false,
    reconnect: false,
    limits: [
      ...(canControl(host, "cpu") ? (["cpus"] as const) : []),
      ...(canControl(host, "memory") ? (["memoryMiB"] as const) : []),
      "pids",
      "workspaceMiB",
    ],
  };
}

function missingLimits(host: Host): readonly string[] {
  const losses = [
    ["memory", "Nothing limits a sandbox's memory as a whole"],
    ["cpu", "Nothing limits a sandbox's processor time"],
    ["freezer", "A sandbox can't be paused"],
  ] as const;
  return losses
    .filter(([controller]) => !canControl(host, controller))
    .map(([controller, loss]) => `${loss}: the control group ${controller} can't be used here.`);
}
