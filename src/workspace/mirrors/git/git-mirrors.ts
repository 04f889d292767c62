import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Mirror, MirrorOptions, Mirrors } from "../../mirror.ts";
import { type MirrorPlace, requireSha } from "./call.ts";
import { writeCommit } from "./commit.ts";
import { prepareEnvironment } from "./environment.ts";
import { fetchCommit, refuseOddRef } from "./fetch.ts";
import { pushBranch } from "./push.ts";
import { openScratch, sweepScratch, writeRepository } from "./scratch.ts";
import { diffCommits, listTree, packCommit, parentsOf, readBlob, readPath } from "./tree.ts";

export type GitMirrorsOptions = {
  /** Made when missing; everything in it belongs to the mirrors. */
  readonly folder: string;
  /** The host's environment: only PATH, proxy and certificate settings are taken from it. */
  readonly hostEnv: Readonly<Record<string, string | undefined>>;
  /** Lets `file://` remotes in, for a repository on this machine. */
  readonly localRepositories: boolean;
  readonly limits: {
    /** Of the pack that a fetch brings, and of all files of a commit. */
    readonly bytes: number;
    readonly files: number;
    readonly networkTimeoutMs: number;
    readonly objectsTimeoutMs: number;
  };
};

/** A real repository of a large company's front end has 40,000 files and 1 GiB. */
export const MIRROR_LIMITS: GitMirrorsOptions["limits"] = {
  bytes: 2 * 1024 ** 3,
  files: 100_000,
  networkTimeoutMs: 10 * 60_000,
  objectsTimeoutMs: 2 * 60_000,
};

/** Mirrors as bare repositories below one folder, by the git program of the host. */
export async function createGitMirrors(options: GitMirrorsOptions): Promise<Mirrors> {
  const scratch = join(options.folder, "scratch");
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  await sweepScratch(scratch, Date.now());
  const { folder, hostEnv, localRepositories } = options;
  const env = await prepareEnvironment(folder, hostEnv, localRepositories);
  return {
    async open({ id }) {
      const mirror = join(folder, `${id}.git`);
      await writeMirror(mirror);
      const timeoutMs = options.limits.objectsTimeoutMs;
      const place = { mirror, scratch, env: { ...env, GIT_DIR: mirror }, timeoutMs };
      return openMirror(place, options.limits);
    },
  };
}

/** Idempotent, and harmless while others use the mirror: it never changes what is there. */
async function writeMirror(mirror: string): Promise<void> {
  for (const name of ["refs", "objects/info", "objects/pack", "bases"]) {
    await mkdir(join(mirror, name), { recursive: true, mode: 0o700 });
  }
  const write = async (name: string, text: string) => {
    const fresh = join(mirror, `${name}.${crypto.randomUUID()}`);
    await writeFile(fresh, text);
    await rename(fresh, join(mirror, name));
  };
  await write("config", "[core]\n\trepositoryformatversion = 0\n\tbare = true\n");
  await write("HEAD", "ref: refs/heads/none\n");
}

function openMirror(place: MirrorPlace, limits: GitMirrorsOptions["limits"]): Mirror {
  const network = (options: MirrorOptions | undefined) => ({
    timeoutMs: limits.networkTimeoutMs,
    ...(options?.signal === undefined ? {} : { signal: options.signal }),
  });
  return {
    fetch: (remote, ref, options) =>
      fetchCommit({ ...place, maxBytes: limits.bytes }, { remote, ...network(options) }, ref),
    list: (sha) => listTree(place, sha, limits),
    readFile: (sha, path, maxBytes) => readPath(place, sha, path, maxBytes),
    readBlob: (blob, maxBytes) => readBlob(place, blob, maxBytes),
    pack: (sha, options) => packCommit(place, sha, limits.bytes, options?.signal),
    commit: (request) => writeCommit(place, request),
    diff: (baseSha, headSha) => diffCommits(place, baseSha, headSha),
    async push(remote, sha, branch, options) {
      refuseOddRef(`refs/heads/${branch}`);
      await using scratch = await openScratch(place.scratch);
      const parents = await parentsOf(place, sha);
      await writeRepository(scratch.folder, place.mirror, parents);
      const env = { ...place.env, GIT_DIR: scratch.folder };
      const call = { remote, folder: scratch.folder, env, ...network(options) };
      await pushBranch(call, requireSha(sha), branch);
    },
  };
}
