import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { createFolderStore } from "../artifact/stores/folder.ts";
import { compareAgain } from "../attestation/compare-again.ts";
import { firstDifference } from "../attestation/difference.ts";
import { broken, holds, type Point } from "../attestation/point.ts";
import { readCertificates } from "../certificates.ts";
import { limitsOf } from "../compose.ts";
import { readConfig } from "../config.ts";
import { Failure } from "../errors.ts";
import type { Basis } from "../evidence/basis.ts";
import type { Evidence } from "../evidence/evidence.ts";
import { untilInterrupted } from "../local/interrupt.ts";
import { findRegistries } from "../registries.ts";
import { MEASURED_TRAILER } from "../run/commit-change.ts";
import type { Workshop } from "../run/open-run.ts";
import { runAgain } from "../run/run-again.ts";
import type { SavedInstall } from "../run/saved-installs.ts";
import { directDialler } from "../sandbox/wire-host/dialler.ts";
import { createSandboxes, type ProviderName } from "../sandbox-sdk.ts";
import { createGitMirrors, MIRROR_LIMITS } from "../workspace/mirrors/git/git-mirrors.ts";
import { type Environment, wrongUsage } from "./arguments.ts";
import { BY_HAND } from "./sandbox-options.ts";
import { type Rebuilt, rebuild } from "./verify-repository.ts";

export type Recorded = {
  readonly evidence: Evidence;
  readonly basis: Basis;
  readonly patch: Uint8Array;
};

type Wanted = {
  readonly repository?: string;
  readonly provider?: string;
  readonly runtime?: string;
  readonly env: Environment;
};

/** Everything once more on this machine, from the repository and the patch alone. */
export async function rerun(recorded: Recorded, wanted: Wanted): Promise<readonly Point[]> {
  const { evidence } = recorded;
  const from = repositoryOf(evidence, wanted.repository);
  const folder = await mkdtemp(join(tmpdir(), "dunlin-verify-"));
  try {
    const rebuilt = await rebuild(join(folder, "repository"), from, {
      ...evidence,
      patch: recorded.patch,
    }).catch(asPoint);
    if ("holds" in rebuilt) return [rebuilt];
    const commits = checkHead(evidence, rebuilt);
    const again = await runInside(folder, recorded, rebuilt, wanted);
    return [...commits, ...again];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const ABOUT: Readonly<Record<string, string>> = {
  "no-base": "repository",
  "patch-does-not-apply": "patch.diff",
};

function asPoint(error: unknown): Point {
  const about = error instanceof Failure ? ABOUT[error.code] : undefined;
  if (about === undefined || !(error instanceof Failure)) throw error;
  return broken(about, error.message);
}

function repositoryOf({ repository }: Evidence, given: string | undefined): string {
  if (given !== undefined) return existsSync(given) ? resolve(given) : given;
  if (repository.includes("/")) return `https://github.com/${repository}.git`;
  return wrongUsage(`Say where ${repository} is, with --repository.`, "verify");
}

/** The commit that people see is the base with this patch, and names what was measured. */
function checkHead({ headSha, measuredSha256, pullRequest }: Evidence, rebuilt: Rebuilt) {
  const { head, tree } = rebuilt;
  if (head === undefined) {
    return [
      holds("head commit", `${headSha} is not in this repository; base and patch stand for it`),
    ];
  }
  if (head.tree !== tree) return [broken("head commit", "It is not the base with this patch.")];
  const trailer = `${MEASURED_TRAILER}: sha256:${measuredSha256}`;
  // People's own commits name nothing of Dunlin's.
  if (pullRequest === null && !head.message.split("\n").includes(trailer)) {
    return [broken("head commit", `Its message lacks the trailer "${trailer}".`)];
  }
  return [holds("head commit", `${headSha} is the base with this patch`)];
}

async function runInside(
  folder: string,
  { evidence, basis }: Recorded,
  rebuilt: Rebuilt,
  wanted: Wanted,
): Promise<readonly Point[]> {
  const { env } = wanted;
  const config = readConfig({ DUNLIN_LOG: "error", ...env });
  const {
    credentials,
    secrets: _,
    ...registries
  } = await findRegistries(config.DUNLIN_REGISTRIES, env);
  const certificates = await readCertificates(env);
  const { provider = config.DUNLIN_SANDBOX, runtime = config.DUNLIN_RUNTIME } = wanted;
  const sandboxes = createSandboxes({
    env,
    provider: provider as ProviderName,
    allowWeak: config.DUNLIN_WEAK_SANDBOX,
    dialler: { ...directDialler, ...certificates, credentials },
    labels: BY_HAND,
    onProgress: say,
    ...(runtime === undefined ? {} : { runtime }),
  });
  const limits = { localRepositories: true, limits: MIRROR_LIMITS };
  const mirrors = await createGitMirrors({
    folder: join(folder, "mirrors"),
    hostEnv: env,
    ...limits,
  });
  const id = Number.parseInt(
    createHash("sha256").update(evidence.baseSha).digest("hex").slice(0, 8),
    16,
  );
  const mirror = await mirrors.open({ id });
  await mirror.fetch({ url: pathToFileURL(rebuilt.folder).href }, "base");
  const shop: Workshop = {
    mirror,
    note: say,
    request: {
      id: `verify-${evidence.runId}`,
      repository: { id, owner: "", name: evidence.repository, installationId: 0 },
    },
    ports: {
      sandboxes,
      registries,
      limits: limitsOf(config),
      artifacts: await createFolderStore(join(folder, "artifacts")),
      installs: rememberedInstalls(),
      sha256: (content) => `sha256:${createHash("sha256").update(content).digest("hex")}`,
      createHash: () => createHash("sha256"),
      now: () => Date.now(),
      isoTime: (ms) => new Date(ms).toISOString(),
    },
  };
  const interrupted = new AbortController();
  void untilInterrupted(() => interrupted.abort());
  const again = await runAgain(
    shop,
    { recorded: evidence, patch: rebuilt.patch },
    { images: config.DUNLIN_IMAGES, signal: interrupted.signal },
  );
  return [...compareAgain(evidence, again), compareTouched(basis, again.basis)];
}

function compareTouched(recorded: Basis, again: Basis): Point {
  const at = firstDifference(JSON.parse(JSON.stringify(again.touched)), recorded.touched);
  return at === undefined
    ? holds("changed tests, again", `the same ${recorded.touched.paths.length} files`)
    : broken("changed tests, again", `runs.json differs from the patch at touched.${at}.`);
}

/** For this one time. */
function rememberedInstalls(): Workshop["ports"]["installs"] {
  const known = new Map<string, SavedInstall>();
  return {
    get: async (key) => known.get(key),
    put: async (key, install) => void known.set(key, install),
  };
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
