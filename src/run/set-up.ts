import { isWhole } from "../artifact/artifact.ts";
import type { EgressRefusal } from "../sandbox/egress.ts";
import type { Isolation, Layer, Sandbox } from "../sandbox/sandbox.ts";
import { checkoutLayer } from "../workspace/checkout.ts";
import { openLayer, type SavedLayer, saveDependencies } from "../workspace/layers.ts";
import type { Base } from "./clone.ts";
import { onceMoreIfLost } from "./lost-sandbox.ts";
import { installOnline } from "./open-registries.ts";
import type { OpenRun, Workshop } from "./open-run.ts";
import type { Plan } from "./prepare.ts";
import { installQuestion, isFresh, type SavedInstall } from "./saved-installs.ts";
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
    return onceMoreIfLost(run.note, () => makeReady(run, plan, base, signal));
  });
}

/** The same outside of a durable step. */
export async function makeReady(
  run: Workshop,
  plan: Pick<Plan, "settings">,
  base: Base,
  signal: AbortSignal,
): Promise<Ready> {
  const { image } = plan.settings;
  await using sandbox = await create(run, image, [checkedOut(run, base.sha)], signal);
  const nodeVersion = await readNodeVersion(sandbox, signal);
  const { isolation } = sandbox;
  const key = await keyOf(run, base, { isolation, nodeVersion });
  const known = await findInstall(run, key);
  const { dependencies, findings, refusals } =
    known ?? (await installAndSave(run, base, sandbox, key, signal));
  const project = { ...base.project, findings: [...base.project.findings, ...findings] };
  const ready = { ...base, project, image, nodeVersion, isolation, refusals };
  return dependencies === undefined ? ready : { ...ready, dependencies };
}

/** Names what the installation comes to; undefined when that can't be known beforehand. */
async function keyOf(
  run: Workshop,
  { sha, project }: Base,
  about: Pick<Ready, "isolation" | "nodeVersion">,
): Promise<string | undefined> {
  const { registries, sha256 } = run.ports;
  if (project.install === undefined) return undefined;
  const question = installQuestion({
    ...about,
    repositoryId: run.request.repository.id,
    command: project.install,
    registries,
    tree: await run.mirror.list(sha),
  });
  return question === undefined ? undefined : sha256(question);
}

async function findInstall(
  run: Workshop,
  key: string | undefined,
): Promise<SavedInstall | undefined> {
  const { installs, artifacts, now, isoTime } = run.ports;
  const known = key === undefined ? undefined : await installs.get(key);
  if (known === undefined || !isFresh(known, now())) return undefined;
  const { dependencies, findings, installedAtMs } = known;
  if (dependencies !== undefined && !(await isWhole(artifacts, dependencies.digest)))
    return undefined;
  const day = isoTime(installedAtMs).slice(0, 10);
  const source = `Dependencies: as installed on ${day} from the same commit, by the same command, in the same image.`;
  return { ...known, findings: [...findings, source] };
}

async function installAndSave(
  run: Workshop,
  { sha, project }: Base,
  sandbox: Sandbox,
  key: string | undefined,
  signal: AbortSignal,
): Promise<SavedInstall> {
  const { artifacts, installs, now } = run.ports;
  const { findings } = await installOnline(run.ports, sandbox, project, signal);
  const tree = await run.mirror.list(sha);
  const dependencies = await saveDependencies(sandbox, artifacts, { tree, signal });
  const install = {
    installedAtMs: now(),
    findings,
    refusals: sandbox.refusals,
    ...(dependencies === undefined ? {} : { dependencies }),
  };
  // What went around an obstacle may be less than was meant: the next run tries again.
  if (key !== undefined && findings.length === 0) await installs.put(key, install);
  return install;
}

async function readNodeVersion(sandbox: Sandbox, signal: AbortSignal): Promise<string | null> {
  const result = await sandbox.exec(["node", "--version"], { timeoutMs: 30_000, signal });
  const version = new TextDecoder().decode(result.stdout).trim();
  return /^v\d+\.\d+\.\d+[\w.-]*$/.test(version) ? version : null;
}

/** A fresh sandbox with the base commit and its dependencies, without any network. The caller destroys it. */
export async function freshSandbox(
  run: Workshop,
  ready: Ready,
  signal: AbortSignal,
): Promise<Sandbox> {
  const { dependencies } = ready;
  const { artifacts } = run.ports;
  const installed =
    dependencies === undefined ? [] : [openLayer(artifacts, dependencies, scopeOf(run))];
  return create(run, ready.image, [...installed, checkedOut(run, ready.sha)], signal);
}

function checkedOut(run: Workshop, sha: string): Layer {
  return checkoutLayer(run.mirror, sha, { sha256: run.ports.sha256, scope: scopeOf(run) });
}

/** A repository's files are its own: nobody else's run may see what another one's install has made. */
function scopeOf({ request }: Workshop): string {
  return `repository ${request.repository.id}`;
}

function create(
  run: Workshop,
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
