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
export const MAX_AGE_MS = 7 * 24 * 60 * 60_000;

export function isFresh({ installedAtMs }: SavedInstall, nowMs: number): boolean {
  return nowMs - installedAtMs < MAX_AGE_MS;
}

export type InstallQuestion = {
  /** Runs of other repositories share nothing with this one's. */
  readonly repositoryId: number;
  readonly isolation: Isolation;
  readonly nodeVersion: string | null;
  readonly command: string;
  readonly registries: Registries;
  /** The commit's files. */
  readonly tree: readonly TreeEntry[];
};

/**
 * All that decides what an installation makes, as one text; undefined when the same question may have another answer
 * tomorrow, because no lock file says which versions are meant. Every file of the commit counts: scripts of packages, of
 * the repository itself and of package managers may read any of them, and it isn't known beforehand which do.
 */
export function installQuestion(question: InstallQuestion): string | undefined {
  const { tree, isolation, ...asked } = question;
  const { runtime, imageDigest } = isolation;
  const isLocked = tree.some(({ path }) => roleOf(path) === "lock" && !path.includes("/"));
  if (!isLocked) return undefined;
  const content = tree.map(({ path, mode, blob }) => [path, mode, blob]);
  return JSON.stringify({ ...asked, runtime, imageDigest, content });
}
