import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A package's files by path. */
export type Tree = ReadonlyMap<string, Uint8Array>;

/** What was published as this version; kept in the folder for later. */
export async function published(cache: string, name: string, version: string): Promise<Tree> {
  const folder = join(cache, "packages", `${name.replaceAll("/", "__")}@${version}`);
  const known = await readTree(folder).catch(() => undefined);
  if (known !== undefined) return known;
  const fresh = `${folder}.${process.pid}`;
  await mkdir(fresh, { recursive: true });
  const { stdout } = await run("npm", ["pack", `${name}@${version}`, "--silent"], { cwd: fresh });
  const archive = stdout.trim().split("\n").at(-1) ?? "";
  await run("tar", ["-xzf", archive, "--strip-components=1", "--no-same-owner"], { cwd: fresh });
  await rm(join(fresh, archive));
  await rename(fresh, folder);
  return readTree(folder);
}

async function readTree(folder: string): Promise<Tree> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const read = files.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name);
    return [path.slice(folder.length + 1), new Uint8Array(await readFile(path))] as const;
  });
  return new Map((await Promise.all(read)).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
