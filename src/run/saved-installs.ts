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

/** npm and its kin run them at the installation of the repository itself; they may read any of its files. */
const OWN_SCRIPTS = ["preinstall", "install", "postinstall", "prepublish", "prepare"]
  .concat("preprepare", "postprepare")
  .map((name) => `"${name}"`);

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
  /** The text of the `package.json` at the top. */
  readonly manifest: string;
};

/**
 * All that decides what an installation makes, as one text; undefined when the same question may have another answer
 * tomorrow, because no lock file says which versions are meant. Where more than packages may take part in it, scripts
 * of the repository's own or several packages in it, every file of the commit counts.
 */
export function installQuestion(question: InstallQuestion): string | undefined {
  const { tree, manifest, isConfigured, isolation, ...asked } = question;
  const roles = tree.map((entry) => ({ ...entry, role: roleOf(entry.path) }));
  if (!roles.some(({ path, role }) => role === "lock" && !path.includes("/"))) return undefined;
  const isAlone = roles.filter(({ role }) => role === "manifest").length === 1;
  const buildsItself =
    OWN_SCRIPTS.some((name) => manifest.includes(name)) ||
    tree.some(({ path }) => path === "binding.gyp");
  const counts = (role: string) => ["manifest", "lock", "manager"].includes(role);
  const files =
    isConfigured || !isAlone || buildsItself ? roles : roles.filter(({ role }) => counts(role));
  const { runtime, imageDigest } = isolation;
  const content = files.map(({ path, mode, blob }) => [path, mode, blob]);
  return JSON.stringify({ ...asked, runtime, imageDigest, content });
}
