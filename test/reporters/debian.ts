import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { sourceLayer } from "../upstream/layers.ts";
import type { Tree } from "../upstream/tarballs.ts";
import type { ReporterCase } from "./reporter-case.ts";

const run = promisify(execFile);
const LIBRARIES = "usr/lib/python3/dist-packages";

type DebianModule = {
  /** The Debian package, its version of Debian's, and the one folder of it that counts. */
  readonly package: string;
  readonly version: string;
  readonly module: string;
};

/** A Python module as Debian packages it, with the tests in it. Needs a host with apt. */
export function debianModule(
  one: DebianModule,
): Pick<ReporterCase, "project" | "image" | "prepare"> {
  return {
    project: `${one.module} ${one.version} of Debian`,
    image: "python",
    prepare: async (cache) => {
      const files = await moduleOf(one, join(cache, "debian"));
      return { files, layers: [await sourceLayer(files)] };
    },
  };
}

async function moduleOf(one: DebianModule, cache: string): Promise<Tree> {
  const folder = join(cache, `${one.package}_${one.version}`);
  const known = await readModule(folder, one.module).catch(() => undefined);
  if (known !== undefined) return known;
  const fresh = `${folder}.${process.pid}`;
  await mkdir(fresh, { recursive: true });
  await run("apt-get", ["download", `${one.package}=${one.version}`], { cwd: fresh });
  const [archive = ""] = await readdir(fresh);
  await run("dpkg-deb", ["-x", archive, "."], { cwd: fresh });
  await rm(join(fresh, archive));
  await rename(fresh, folder);
  return readModule(folder, one.module);
}

async function readModule(folder: string, module: string): Promise<Tree> {
  const top = join(folder, LIBRARIES);
  const entries = await readdir(join(top, module), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const read = files.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name);
    return [path.slice(top.length + 1), new Uint8Array(await readFile(path))] as const;
  });
  return new Map((await Promise.all(read)).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
