import { execFile } from "node:child_process";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The published files of a package, as they are. `spec` names the exact version. */
export async function unpackPackage(spec: string, folder: string): Promise<void> {
  const download = `${folder}.download`;
  await run("mkdir", ["-p", folder, download]);
  try {
    await run("npm", ["pack", spec, "--silent", "--pack-destination", download], { cwd: download });
    const [tarball] = await readdir(download);
    if (tarball === undefined) throw new Error(`npm brought nothing for ${spec}.`);
    const options = ["--strip-components=1", "--no-same-owner"];
    await run("tar", ["xzf", join(download, tarball), "-C", folder, ...options]);
  } finally {
    await rm(download, { recursive: true, force: true });
  }
}

/** The lock file that a project of this manager has and no tarball ships, made by the manager itself. */
export async function makeLock(folder: string, manager: string): Promise<void> {
  const [name = ""] = manager.split("@");
  const options = {
    npm: ["install", "--package-lock-only"],
    pnpm: ["install", "--lockfile-only"],
    yarn: manager.startsWith("yarn@1") ? ["install"] : ["install", "--mode=update-lockfile"],
    bun: ["install", "--lockfile-only"],
  }[name];
  if (options === undefined) throw new Error(`It is not known how ${manager} makes a lock file.`);
  const isModern = name === "yarn" && !manager.startsWith("yarn@1");
  const spec = isModern ? manager.replace("yarn@", "@yarnpkg/cli-dist@") : manager;
  const words = ["--yes", "--package", spec, "--", name, ...options, "--ignore-scripts"];
  const shell = isModern ? words.slice(0, -1) : words;
  const { stdout } = await run("npm", ["config", "get", "registry"]);
  const env = {
    ...process.env,
    CI: "",
    YARN_ENABLE_IMMUTABLE_INSTALLS: "false",
    YARN_NPM_REGISTRY_SERVER: stdout.trim(),
  };
  await run("npx", shell, { cwd: folder, env, maxBuffer: 2 ** 26 });
  await rm(join(folder, "node_modules"), { recursive: true, force: true });
}
