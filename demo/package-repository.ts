import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export type PublishedPackage = {
  /** As npm names it, with the exact version. */
  readonly spec: string;
  /** What the manifest keeps, and what replaces the rest. */
  readonly scripts: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
};

/** What became of the manifest: old test tools of the published version are replaced by ones that still install. */
export type Trimming = { readonly dropped: readonly string[]; readonly set: readonly string[] };

const KEPT_FIELDS = ["name", "version", "description", "license", "main", "dependencies"];

/** The published files of a package as a folder that can become a repository. Nothing of it is kept in this project. */
export async function unpackPackage(
  { spec, scripts, devDependencies }: PublishedPackage,
  folder: string,
): Promise<Trimming> {
  await mkdir(folder, { recursive: true });
  const download = await mkdtemp(join(folder, "..", "download-"));
  try {
    await run("npm", ["pack", spec, "--silent", "--pack-destination", download], { cwd: download });
    const [tarball] = await readdir(download);
    if (tarball === undefined) throw new Error(`npm brought nothing for ${spec}.`);
    const options = ["--strip-components=1", "--no-same-owner"];
    await run("tar", ["xzf", join(download, tarball), "-C", folder, ...options]);
  } finally {
    await rm(download, { recursive: true, force: true });
  }
  const file = join(folder, "package.json");
  const published = JSON.parse(await readFile(file, "utf8")) as Record<string, unknown>;
  const kept = Object.fromEntries(
    Object.entries(published).filter(([name]) => KEPT_FIELDS.includes(name)),
  );
  const manifest = { ...kept, private: true, scripts, devDependencies };
  await writeFile(file, `${JSON.stringify(manifest, null, 2)}\n`);
  await writeFile(join(folder, ".gitignore"), "node_modules/\n");
  return {
    dropped: Object.keys(published).filter((name) => !(name in manifest)),
    set: [
      ...Object.entries(scripts).map(([name, text]) => `scripts.${name} = ${text}`),
      ...Object.entries(devDependencies).map(([name, version]) => `${name}@${version}`),
    ],
  };
}
