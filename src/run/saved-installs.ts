import { z } from "zod";
import type { EgressRefusal } from "../sandbox/egress.ts";
import type { Isolation } from "../sandbox/sandbox.ts";
import { roleOf } from "../workspace/file-role.ts";
import type { SavedLayer } from "../workspace/layers.ts";
import type { TreeEntry } from "../workspace/patch.ts";
import type { Registries } from "./open-run.ts";

/** What an installation made, and said. Plain JSON. */
export type SavedInstall = {
  readonly installedAtMs: number;
  /** Undefined when it made nothing. */
  readonly dependencies?: SavedLayer;
  readonly findings: readonly string[];
  readonly refusals: readonly EgressRefusal[];
};

/** Installations for later runs that would do the same once more; by a digest of all that decides what comes of them. */
export interface SavedInstalls {
  /** Undefined also for one that can't be read. */
  get(key: string): Promise<SavedInstall | undefined>;
  put(key: string, install: SavedInstall): Promise<void>;
}

/** Later, the same lock file may lead to other archives, such as one that was withdrawn as malicious. */
const MAX_AGE_MS = 7 * 24 * 60 * 60_000;

export function isFresh({ installedAtMs }: SavedInstall, nowMs: number): boolean {
  return nowMs - installedAtMs < MAX_AGE_MS;
}

/** npm runs them at the installation of the repository itself. */
const OWN_SCRIPTS = ["preinstall", "install", "postinstall", "prepublish", "prepare"].concat(
  "preprepare",
  "postprepare",
);
/** The lock files that say which packages run something when they are installed, from this version on. */
const NPM_LOCKS = ["npm-shrinkwrap.json", "package-lock.json"];
const NPM_LOCK_VERSION = 2;

const Manifest = z.object({ scripts: z.record(z.string(), z.unknown()).default({}) });
const NpmLock = z.object({
  lockfileVersion: z.number().min(NPM_LOCK_VERSION),
  packages: z.record(
    z.string(),
    z.object({ hasInstallScript: z.boolean().default(false), os: z.array(z.string()).default([]) }),
  ),
});

export type InstallQuestion = {
  /** Runs of other repositories share nothing with this one's. */
  readonly repositoryId: number;
  readonly isolation: Isolation;
  readonly nodeVersion: string | null;
  readonly command: string;
  /** Whether the repository's own settings say what to run, and not its package manager. */
  readonly isConfigured: boolean;
  readonly registries: Registries;
  /** The commit's files. */
  readonly tree: readonly TreeEntry[];
  /** A file's text, if it is one of the commit's. */
  readFile(path: string): Promise<string | undefined>;
};

/**
 * All that decides what an installation makes, as one text; undefined when the same question may have another answer
 * tomorrow, because no lock file says which versions are meant. Unless npm only unpacks what its lock file names, every
 * file of the commit counts: scripts may read any of them.
 */
export async function installQuestion(question: InstallQuestion): Promise<string | undefined> {
  const { tree, readFile: _, isConfigured, isolation, ...asked } = question;
  const { runtime, imageDigest } = isolation;
  const isLocked = tree.some(({ path }) => roleOf(path) === "lock" && !path.includes("/"));
  if (!isLocked) return undefined;
  const files = (await onlyUnpacks(question)) ? tree.filter(isRead) : tree;
  const content = files.map(({ path, mode, blob }) => [path, mode, blob]);
  return JSON.stringify({ ...asked, runtime, imageDigest, content });
}

function isRead({ path }: TreeEntry): boolean {
  return ["manifest", "lock", "manager", "installed"].includes(roleOf(path));
}

/** Whether the installation runs nothing of the repository's and nothing of a package's. */
async function onlyUnpacks({ tree, isConfigured, readFile }: InstallQuestion): Promise<boolean> {
  const isAlone = tree.filter(({ path }) => roleOf(path) === "manifest").length === 1;
  if (isConfigured || !isAlone || tree.some(({ path }) => path === "binding.gyp")) return false;
  const manifest = Manifest.safeParse(parseJson(await readFile("package.json"))).data;
  if (manifest === undefined) return false;
  if (OWN_SCRIPTS.some((name) => Object.hasOwn(manifest.scripts, name))) return false;
  const path = NPM_LOCKS.find((name) => tree.some((entry) => entry.path === name));
  const lock = NpmLock.safeParse(parseJson(path && (await readFile(path)))).data;
  if (lock === undefined) return false;
  // Packages for other systems, such as fsevents, are left out here.
  const runs = (os: readonly string[]) => os.length === 0 || os.includes("linux");
  return !Object.values(lock.packages).some(
    ({ hasInstallScript, os }) => hasInstallScript && runs(os),
  );
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined; // whatever is wrong with it is for the package manager to say
  }
}
