import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { findProject } from "../../src/check/find-project.ts";
import type { Project } from "../../src/check/project.ts";
import { runSuite } from "../../src/check/run-suite.ts";
import type { SuiteRun } from "../../src/check/suite.ts";
import { Failure } from "../../src/errors.ts";
import type { Registries } from "../../src/registries.ts";
import { installOnline } from "../../src/run/open-registries.ts";
import type { FileWrite, Layer, Sandbox, SandboxProvider } from "../../src/sandbox/sandbox.ts";
import { openLayer, saveDependencies } from "../../src/workspace/layers.ts";
import type { TreeEntry } from "../../src/workspace/patch.ts";
import { fakeArtifacts } from "../fakes/artifacts.ts";
import { SPEC } from "../integration/sandbox-fixture.ts";
import type { ProjectCase } from "./project-case.ts";

export type ProjectResult = {
  readonly id: string;
  readonly from: string;
  readonly additions: readonly string[];
  readonly project?: Project;
  readonly installFindings: readonly string[];
  readonly suite?: SuiteRun;
  /** Why it went no further. */
  readonly trouble?: string;
};

type Place = { readonly provider: SandboxProvider; readonly registries: Registries };
type Files = ReadonlyMap<string, Omit<FileWrite, "path">>;

const LIMITS = { ...SPEC.limits, memoryMiB: 3072, pids: 1024, workspaceMiB: 3072 };
const TIMEOUT_MS = 10 * 60_000;

/** Finds out what a project is, installs it with the registries reachable and tests it in a fresh sandbox without. */
export async function tryProject(
  one: ProjectCase,
  folder: string,
  place: Place,
): Promise<ProjectResult> {
  const additions = await one.prepare(folder);
  const files = await readFiles(folder);
  const start = { id: one.id, from: one.from, additions, installFindings: [] };
  let found: Partial<ProjectResult> = {};
  try {
    const project = await find(files);
    found = { project };
    const { layers, findings } = await installed(one.image, files, project, place);
    found = { project, installFindings: findings };
    await using sandbox = await create(one.image, files, place, layers);
    const suite = await runSuite(sandbox, project, {
      timeoutMs: TIMEOUT_MS,
      createHash: () => createHash("sha256"),
    });
    return { ...start, ...found, suite };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { ...start, ...found, trouble: error.message };
  }
}

function find(files: Files): Promise<Project> {
  const readFile = async (path: string) => {
    const file = files.get(path);
    return file && new TextDecoder().decode(file.data);
  };
  return findProject({ paths: [...files.keys()], readFile, settings: {} });
}

async function installed(
  image: string,
  files: Files,
  project: Project,
  place: Place,
): Promise<{ readonly layers: readonly Layer[]; readonly findings: readonly string[] }> {
  const { signal } = new AbortController();
  await using sandbox = await create(image, files, place, []);
  const { findings } = await installOnline(place, sandbox, project, signal);
  const artifacts = fakeArtifacts();
  const saved = await saveDependencies(sandbox, artifacts, { tree: treeOf(files), signal });
  const layers = saved === undefined ? [] : [openLayer(artifacts, saved, "projects")];
  return { layers, findings };
}

async function create(
  image: string,
  files: Files,
  { provider }: Place,
  layers: readonly Layer[],
): Promise<Sandbox> {
  const spec = { ...SPEC, image, limits: LIMITS, maxLifetimeMs: 3 * TIMEOUT_MS, layers };
  const sandbox = await provider.create(spec, {});
  const writes: readonly FileWrite[] = [...files].map(([path, file]) => ({
    path: `/workspace/${path}`,
    ...file,
  }));
  await sandbox.writeFiles(writes);
  await sandbox.exec(["git", "init", "-q", "/workspace"], { timeoutMs: 60_000 });
  return sandbox;
}

async function readFiles(folder: string): Promise<Files> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = new Map<string, Omit<FileWrite, "path">>();
  for (const entry of entries.filter((one) => one.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const { mode } = await stat(path);
    const executable = (mode & 0o111) !== 0 ? 0o755 : 0o644;
    files.set(relative(folder, path), { data: await readFile(path), mode: executable });
  }
  return files;
}

function treeOf(files: Files): readonly TreeEntry[] {
  return [...files].map(([path, { data, mode }]) => ({
    path,
    mode: mode === 0o755 ? "100755" : "100644",
    blob: createHash("sha1").update(`blob ${data.length}\0`).update(data).digest("hex"),
    bytes: data.length,
  }));
}
