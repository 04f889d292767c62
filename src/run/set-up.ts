import type { EgressRefusal } from "../sandbox/egress.ts";
import type { Isolation, Layer, Sandbox } from "../sandbox/sandbox.ts";
import { checkoutLayer } from "../workspace/checkout.ts";
import { openLayer, type SavedLayer, saveDependencies } from "../workspace/layers.ts";
import type { Base } from "./clone.ts";
import { onceMoreIfLost } from "./lost-sandbox.ts";
import { installOnline } from "./open-registries.ts";
import type { OpenRun } from "./open-run.ts";
import type { Plan } from "./prepare.ts";
import { showStatus } from "./status.ts";

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
  const { artifacts } = run.ports;
  await using sandbox = await create(run, image, [checkedOut(run, base.sha)], signal);
  const installed = await installOnline(run.ports, sandbox, base.project, signal);
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
  const { dependencies } = ready;
  const { artifacts } = run.ports;
  const installed =
    dependencies === undefined ? [] : [openLayer(artifacts, dependencies, scopeOf(run))];
  return create(run, ready.image, [...installed, checkedOut(run, ready.sha)], signal);
}

function checkedOut(run: OpenRun, sha: string): Layer {
  return checkoutLayer(run.mirror, sha, { sha256: run.ports.sha256, scope: scopeOf(run) });
}

/** A repository's files are its own: nobody else's run may see what another one's install has made. */
function scopeOf({ request }: OpenRun): string {
  return `repository ${request.repository.id}`;
}

function create(
  run: OpenRun,
  image: string,
  layers: readonly Layer[],
  signal: AbortSignal,
): Promise<Sandbox> {
  const { limits, sandboxes } = run.ports;
  return sandboxes.create(
    {
      image,
      limits: limits.sandbox,
      maxLifetimeMs: limits.durationMs,
      egress: { mode: "none" },
      layers,
      labels: { run: run.request.id },
    },
    { signal },
  );
}
