import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** A scratch folder older than this was left by a process that died. */
const ABANDONED_MS = 24 * 3600_000;
const PREFIX = "scratch-";

/** A folder for one operation, gone after it. */
export type Scratch = AsyncDisposable & { readonly folder: string };

export async function openScratch(folder: string): Promise<Scratch> {
  const scratch = await mkdtemp(join(folder, PREFIX));
  return {
    folder: scratch,
    [Symbol.asyncDispose]: () => rm(scratch, { recursive: true, force: true }),
  };
}

/** Removes what killed processes left behind. */
export async function sweepScratch(folder: string, nowMs: number): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(PREFIX)) continue;
    const path = join(folder, name);
    const age = await stat(path).then(
      (found) => nowMs - found.mtimeMs,
      () => 0,
    );
    if (age > ABANDONED_MS) await rm(path, { recursive: true, force: true });
  }
}

/**
 * Makes an empty bare repository in `folder` that reads the objects of `mirror` and believes that `commits` have no
 * parents. Git's own locks are then in here, where nobody else waits for them.
 */
export async function writeRepository(
  folder: string,
  mirror: string,
  commits: readonly string[],
): Promise<void> {
  await mkdir(join(folder, "refs"), { recursive: true });
  await mkdir(join(folder, "objects", "info"), { recursive: true });
  await mkdir(join(folder, "objects", "pack"));
  const lines = commits.map((sha) => `${sha}\n`).join("");
  const refs = commits.map((sha) => `${sha} refs/dunlin/${sha}\n`).join("");
  await Promise.all([
    writeFile(join(folder, "HEAD"), "ref: refs/heads/none\n"),
    writeFile(join(folder, "config"), "[core]\n\trepositoryformatversion = 0\n\tbare = true\n"),
    writeFile(join(folder, "objects", "info", "alternates"), `${join(mirror, "objects")}\n`),
    writeFile(join(folder, "packed-refs"), refs),
    ...(commits.length === 0 ? [] : [writeFile(join(folder, "shallow"), lines)]),
  ]);
}
