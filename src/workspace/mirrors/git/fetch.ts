import { mkdir, readdir, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "../../../errors.ts";
import type { GitEnvironment } from "./environment.ts";
import { explainMissingRef, type RemoteCall, resolveRef, talk } from "./remote.ts";
import { openScratch, writeRepository } from "./scratch.ts";

/** Commits told to the host so that it sends only what is new. */
const MAX_HAVES = 16;
const WATCH_INTERVAL_MS = 200;
const FETCHED = "refs/dunlin/fetched";

export type FetchPlace = {
  /** The bare mirror. */
  readonly mirror: string;
  /** Where scratch repositories are made; on the mirror's own file system. */
  readonly scratch: string;
  readonly env: GitEnvironment;
  readonly maxBytes: number;
};

/**
 * Brings one commit without history into the mirror. Everything arrives in a scratch repository, is checked there by
 * git, and then its pack is moved in: a kill or a second fetch at the same time can't harm the mirror.
 */
export async function fetchCommit(
  place: FetchPlace,
  call: Omit<RemoteCall, "folder" | "env">,
  ref: string,
): Promise<string> {
  const isSha = /^[0-9a-f]{40}$/.test(ref);
  const isWhole = isSha || ref === "HEAD" || ref.startsWith("refs/");
  const fullRef = isWhole ? ref : `refs/heads/${ref}`;
  refuseOddRef(fullRef);
  await using scratch = await openScratch(place.scratch);
  const bases = await knownCommits(place.mirror);
  await writeRepository(scratch.folder, place.mirror, bases);
  const remoteCall = {
    ...call,
    env: { ...place.env, GIT_DIR: scratch.folder },
    folder: scratch.folder,
  };
  const wanted = isSha ? ref : await resolveRef(remoteCall, fullRef);
  if (wanted === undefined) return await explainMissingRef(remoteCall, ref);
  if (bases.includes(wanted) || (await isKnown(place.mirror, wanted))) return wanted;
  await fetchBounded(remoteCall, fullRef, place.maxBytes);
  const sha = (await talk(remoteCall, ["rev-parse", "--verify", `${FETCHED}^{commit}`])).trim();
  await movePacks(join(scratch.folder, "objects/pack"), join(place.mirror, "objects/pack"));
  await writeFile(join(place.mirror, "bases", sha), "");
  return sha;
}

async function fetchBounded(call: RemoteCall, ref: string, maxBytes: number): Promise<void> {
  const limit = new AbortController();
  const done = new AbortController();
  const signal = AbortSignal.any([limit.signal, ...(call.signal ? [call.signal] : [])]);
  const packs = join(call.folder, "objects/pack");
  const watching = watchSize(packs, maxBytes, limit, done.signal);
  try {
    await talk({ ...call, signal }, [
      "fetch",
      "--quiet",
      "--depth=1",
      "--no-tags",
      "--no-recurse-submodules",
      "--no-auto-maintenance",
      "--no-write-fetch-head",
      "--",
      call.remote.url,
      `+${ref}:${FETCHED}`,
    ]);
    if ((await folderBytes(packs)) > maxBytes) throw tooLarge(maxBytes);
  } finally {
    done.abort();
    await watching;
  }
}

/** Ends the fetch once its pack has grown beyond the limit. */
async function watchSize(
  folder: string,
  maxBytes: number,
  limit: AbortController,
  done: AbortSignal,
): Promise<void> {
  while (!done.aborted) {
    if ((await folderBytes(folder)) > maxBytes) limit.abort(tooLarge(maxBytes));
    await sleep(WATCH_INTERVAL_MS, undefined, { signal: done }).catch(() => {});
  }
}

async function folderBytes(folder: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(folder)) {
    bytes += await stat(join(folder, name)).then(
      (found) => found.size,
      () => 0,
    );
  }
  return bytes;
}

/** The index last: git sees a pack once its index is there. Equal names are equal packs. */
async function movePacks(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  const rank = (name: string) => (name.endsWith(".idx") ? 1 : 0);
  const names = (await readdir(from)).filter((name) => /^pack-.*\.(pack|rev|idx)$/.test(name));
  for (const name of names.toSorted((a, b) => rank(a) - rank(b))) {
    await rename(join(from, name), join(to, name));
  }
}

/** The newest commits that a fetch has completed. */
async function knownCommits(mirror: string): Promise<string[]> {
  const folder = join(mirror, "bases");
  const found = await Promise.all(
    (await readdir(folder)).map(async (sha) => ({
      sha,
      at: (await stat(join(folder, sha))).mtimeMs,
    })),
  );
  return found
    .toSorted((a, b) => b.at - a.at)
    .slice(0, MAX_HAVES)
    .map(({ sha }) => sha);
}

function isKnown(mirror: string, sha: string): Promise<boolean> {
  return stat(join(mirror, "bases", sha)).then(
    () => true,
    () => false,
  );
}

/** Throws `invalid-request/ref-name`. A refspec has its own grammar: `:` and `*` would ask for something else. Git itself forbids them in names. */
export function refuseOddRef(ref: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  const odd = /[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|\.lock$|[./]$/;
  if (!odd.test(ref) && ref.length <= 1024) return;
  const message = `${JSON.stringify(ref.slice(0, 100))} is not a name that git allows for a branch.`;
  throw new Failure("invalid-request", "ref-name", message);
}

function tooLarge(maxBytes: number): Failure {
  const mebibytes = Math.round(maxBytes / 2 ** 20);
  return new Failure(
    "limit-reached",
    "repository-too-large",
    `The repository is larger than the limit of ${mebibytes} MiB. Ask the operator to raise it.`,
  );
}
