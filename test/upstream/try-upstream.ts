import { findProject } from "../../src/check/find-project.ts";
import { install } from "../../src/check/install.ts";
import type { Project } from "../../src/check/project.ts";
import { Failure } from "../../src/errors.ts";
import type { Evidence } from "../../src/evidence/evidence.ts";
import { prove } from "../../src/evidence/matrix.ts";
import { type Baseline, baselineProblem, runBaseline } from "../../src/evidence/runs/baseline.ts";
import type { MatrixOptions, MatrixPorts } from "../../src/evidence/runs/fresh-sandbox.ts";
import type { SandboxProvider } from "../../src/sandbox/sandbox.ts";
import { applyChanges } from "../../src/workspace/apply-changes.ts";
import type { FileChange, Patch } from "../../src/workspace/patch.ts";
import { checkPatch } from "../../src/workspace/patch-policy.ts";
import { facts } from "../fakes/evidence-facts.ts";
import { SPEC } from "../integration/sandbox-fixture.ts";
import { measuringPorts } from "../measuring-ports.ts";
import { dependencyLayer, sourceLayer } from "./layers.ts";
import type { Tree } from "./tarballs.ts";
import { type Upstream, upstreamOf } from "./trees.ts";
import type { UpstreamCase } from "./upstream-case.ts";

const SHA = "0".repeat(40);
const LIMITS = { ...SPEC.limits, memoryMiB: 2048, pids: 512, workspaceMiB: 1024 };
/** What is installed is there; nothing else can be had. */
const OFFLINE = { timeoutMs: 120_000, env: { npm_config_offline: "true" } };

/** A case whose repository stands ready to be made into any number of sandboxes. */
export type OpenCase = {
  readonly upstream: Upstream;
  readonly ports: MatrixPorts;
  readonly options: MatrixOptions;
};

export async function openCase(
  one: UpstreamCase,
  provider: SandboxProvider,
  cache: string,
): Promise<OpenCase> {
  const upstream = await upstreamOf(one, cache);
  const { base } = upstream;
  const layers = [await dependencyLayer(base, cache), await sourceLayer(base)];
  const project = await projectOf(base);
  const ports: MatrixPorts = {
    freshSandbox: () => provider.create({ ...SPEC, limits: LIMITS, layers }, {}),
    ...measuringPorts,
    applyChanges,
    installAgain: async (sandbox) => void (await install(sandbox, project, OFFLINE)),
  };
  const options = { project, timeoutMs: 300_000, atOnce: 2, signal: new AbortController().signal };
  return { upstream, ports, options };
}

async function projectOf(base: Tree): Promise<Project> {
  return findProject({
    paths: [...base.keys()],
    readFile: async (path) => {
      const bytes = base.get(path);
      return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
    },
    settings: {},
  });
}

/** R0, or why nothing can be proven. */
export async function measure({ ports, options }: OpenCase): Promise<Baseline> {
  const baseline = await runBaseline(ports, options);
  const problem = baselineProblem(baseline);
  if (problem === undefined) return baseline;
  throw new Failure("invalid-request", "suite-does-not-run", problem);
}

/** Hands these changes in. */
export async function submit(
  { upstream: { base }, ports, options }: OpenCase,
  baseline: Baseline,
  changes: readonly FileChange[],
): Promise<Evidence> {
  const patch: Patch = { baseSha: SHA, changes };
  const entries = [...base].map(
    ([path, { length }]) => ({ path, mode: "100644", blob: SHA, bytes: length }) as const,
  );
  const decision = checkPatch(patch, entries);
  if (!decision.ok) {
    const problems = decision.problems.map(({ path, reason }) => `${path} ${reason}`);
    throw new Failure("invalid-request", "patch-refused", problems.join("; "));
  }
  return prove(ports, { ...options, baseline, patch, facts });
}
