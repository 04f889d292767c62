import { install } from "../check/install.ts";
import type { EgressRefusal } from "../sandbox/egress.ts";
import { egressEnv } from "../sandbox/egress.ts";
import type { Isolation, Sandbox } from "../sandbox/sandbox.ts";
import { checkOut } from "../workspace/checkout.ts";
import { openLayer, type SavedLayer, saveDependencies } from "../workspace/layers.ts";
import type { Base } from "./clone.ts";
import { onceMoreIfLost } from "./lost-sandbox.ts";
import type { OpenRun } from "./open-run.ts";
import type { Plan } from "./prepare.ts";
import { showStatus } from "./status.ts";

const INSTALL_TIMEOUT_MS = 10 * 60_000;
const MAX_DOWNLOAD_BYTES = 2 * 1024 ** 3;

/** A base commit with its dependencies, from which any number of equal sandboxes can be made. */
export type Ready = Base & {
  readonly image: string;
  /** Of the Node that the repository's commands find; null without one. */
  readonly nodeVersion: string | null;
  readonly isolation: Isolation;
  /** What the install made, as one layer; undefined when it made nothing. */
  readonly dependencies?: SavedLayer;
  readonly refusals: readonly EgressRefusal[];
};

/** Installs the dependencies with the registries reachable and no secret present, and keeps them as a layer. */
export async function setUp(run: OpenRun, plan: Plan, base: Base): Promise<Ready> {
  return run.step("set-up", "setUp", async (signal) => {
    await showStatus(run, "Installing dependencies");
    return onceMoreIfLost(run.note, () => installOnce(run, plan.settings.image, base, signal));
  });
}

async function installOnce(
  run: OpenRun,
  image: string,
  base: Base,
  signal: AbortSignal,
): Promise<Ready> {
  const { artifacts, registries } = run.ports;
  await using sandbox = await create(run, image, [], true, signal);
  await checkOut(sandbox, run.mirror, base.sha, { signal });
  const installed = await install(sandbox, base.project, {
    env: { ...egressEnv(), ...registries.env },
    timeoutMs: INSTALL_TIMEOUT_MS,
    signal,
  });
  await sandbox.setEgress({ mode: "none" });
  const nodeVersion = await readNodeVersion(sandbox, signal);
  const tree = await run.mirror.list(base.sha);
  const dependencies = await saveDependencies(sandbox, artifacts, { tree, signal });
  return {
    ...base,
    project: { ...base.project, findings: [...base.project.findings, ...installed.findings] },
    image,
    nodeVersion,
    isolation: sandbox.isolation,
    refusals: sandbox.refusals,
    ...(dependencies === undefined ? {} : { dependencies }),
  };
}

async function readNodeVersion(sandbox: Sandbox, signal: AbortSignal): Promise<string | null> {
  const result = await sandbox.exec(["node", "--version"], { timeoutMs: 30_000, signal });
  const version = new TextDecoder().decode(result.stdout).trim();
  return /^v\d+\.\d+\.\d+[\w.-]*$/.test(version) ? version : null;
}

/** A fresh sandbox with the base commit and its dependencies, without any network. The caller destroys it. */
export async function freshSandbox(
  run: OpenRun,
  ready: Ready,
  signal: AbortSignal,
): Promise<Sandbox> {
  const layers =
    ready.dependencies === undefined ? [] : [openLayer(run.ports.artifacts, ready.dependencies)];
  const sandbox = await create(run, ready.image, layers, false, signal);
  try {
    await checkOut(sandbox, run.mirror, ready.sha, { signal });
    return sandbox;
  } catch (error) {
    await sandbox.destroy();
    throw error;
  }
}

function create(
  run: OpenRun,
  image: string,
  layers: Parameters<typeof run.ports.sandboxes.create>[0]["layers"],
  online: boolean,
  signal: AbortSignal,
): Promise<Sandbox> {
  const { limits, registries, sandboxes } = run.ports;
  return sandboxes.create(
    {
      image,
      limits: limits.sandbox,
      maxLifetimeMs: limits.durationMs,
      egress: online
        ? { mode: "allow", origins: registries.origins, maxBytes: MAX_DOWNLOAD_BYTES }
        : { mode: "none" },
      layers,
      labels: { run: run.request.id },
    },
    { signal },
  );
}
