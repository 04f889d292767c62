import { explainUnrunnable } from "../../src/check/explain-unrunnable.ts";
import { findProject } from "../../src/check/find-project.ts";
import { install } from "../../src/check/install.ts";
import { Failure } from "../../src/errors.ts";
import type { Evidence } from "../../src/evidence/evidence.ts";
import { prove } from "../../src/evidence/matrix.ts";
import { type Baseline, baselineProblem, runBaseline } from "../../src/evidence/runs/baseline.ts";
import type { MatrixPorts } from "../../src/evidence/runs/fresh-sandbox.ts";
import type { Layer, Sandbox, SandboxProvider } from "../../src/sandbox/sandbox.ts";
import { applyChanges } from "../../src/workspace/apply-changes.ts";
import type { FileChange, TreeEntry } from "../../src/workspace/patch.ts";
import { checkPatch } from "../../src/workspace/patch-policy.ts";
import { facts } from "../fakes/evidence-facts.ts";
import { SPEC } from "../integration/sandbox-fixture.ts";
import { measuringPorts } from "../measuring-ports.ts";
import type { Forgery } from "./forgeries/forgery.ts";

/** What came of handing a patch in: it may not be published at all, or it was run and judged. */
export type Proven =
  | { readonly refused: readonly string[]; readonly evidence?: undefined }
  | { readonly refused?: undefined; readonly evidence: Evidence };

export type Prover = (forgery: Forgery) => Promise<Proven>;

const SHA = "0".repeat(40);
/** What is installed is there; nothing else can be had. */
const OFFLINE = { timeoutMs: 60_000, env: { npm_config_offline: "true" } };
/** Enough for a runner with workers, and for what is installed. */
const LIMITS = { ...SPEC.limits, memoryMiB: 2048, pids: 512, workspaceMiB: 768 };

/** A repository in real sandboxes, its baseline measured once. `layers` hold what is installed. */
export async function openProver(
  provider: SandboxProvider,
  files: Readonly<Record<string, string>>,
  layers: readonly Layer[] = [],
  image: string = SPEC.image,
): Promise<Prover> {
  const base: readonly TreeEntry[] = Object.entries(files).map(([path, text]) => ({
    path,
    mode: "100644",
    blob: SHA,
    bytes: text.length,
  }));
  const project = await findProject({
    paths: Object.keys(files),
    readFile: async (path) => files[path],
    settings: {},
  });
  const ports: MatrixPorts = {
    async freshSandbox() {
      const sandbox = await provider.create({ ...SPEC, image, limits: LIMITS, layers }, {});
      await putFiles(sandbox, files);
      return sandbox;
    },
    ...measuringPorts,
    applyChanges,
    installAgain: async (sandbox) => void (await install(sandbox, project, OFFLINE)),
  };
  const options = { project, timeoutMs: 60_000, atOnce: 2, signal: new AbortController().signal };
  const baseline: Baseline = await runBaseline(ports, options);
  const problem = explainUnrunnable(baseline.first) ?? baselineProblem(baseline);
  if (problem !== undefined) throw new Failure("invalid-request", "suite-does-not-run", problem);
  return async (forgery) => {
    const changes = changesOf(forgery);
    const patch = { baseSha: SHA, changes };
    const decision = checkPatch(patch, base);
    if (!decision.ok) return { refused: decision.problems.map(({ reason }) => reason) };
    const evidence = await prove(ports, { ...options, baseline, patch, facts });
    return { evidence };
  };
}

async function putFiles(sandbox: Sandbox, files: Readonly<Record<string, string>>): Promise<void> {
  const encoder = new TextEncoder();
  await sandbox.writeFiles(
    Object.entries(files).map(([path, text]) => ({
      path: `/workspace/${path}`,
      data: encoder.encode(text),
    })),
  );
  await sandbox.exec(["git", "init", "-q", "/workspace"], { timeoutMs: 60_000 });
  await linkPackages(sandbox, files);
}

/** What an install makes of a repository of several packages: each is found by its name. */
async function linkPackages(
  sandbox: Sandbox,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    const folder = /^(packages\/[^/]+)\/package\.json$/.exec(path)?.[1];
    if (folder === undefined) continue;
    const link = `/workspace/node_modules/${JSON.parse(text).name}`;
    const script = 'mkdir -p "$(dirname "$1")" && ln -sfn "$2" "$1"';
    await sandbox.exec(["sh", "-c", script, "sh", link, `/workspace/${folder}`], {
      timeoutMs: 60_000,
    });
  }
}

function changesOf({ files }: Forgery): readonly FileChange[] {
  const encoder = new TextEncoder();
  return Object.entries(files)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, text]) =>
      text === null
        ? { path, kind: "delete" }
        : {
            path,
            kind: "write",
            mode: text.startsWith("#!") ? "100755" : "100644",
            data: encoder.encode(text),
          },
    );
}
