import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Layer, type Sandbox, WORKSPACE } from "../../src/sandbox/sandbox.ts";
import { openFolder } from "../folder.ts";
import { succeed } from "./place.ts";

const run = promisify(execFile);
const APP = join(import.meta.dirname, "app");
const HOME = "/home/job";
const QUIET = ["--no-audit", "--no-fund", "--ignore-scripts"];

/** The archives of a small real application; each is a tar. */
export type App = {
  /** What its repository would hold. */
  readonly files: Uint8Array;
  /** npm's cache with all that an install needs. */
  readonly cache: Uint8Array;
  /** What the install makes. */
  readonly dependencies: Uint8Array;
  readonly registry: string;
};

/** Prepares it when it is asked for, once. */
export type GetApp = () => Promise<App>;

/** Installs it once on the host from npm's registry, with a cache of its own. */
export async function prepareApp(): Promise<App> {
  await using folder = await openFolder(join(tmpdir(), "dunlin-bench-"));
  const [app, cache] = [join(folder.path, "app"), join(folder.path, ".npm")];
  await cp(APP, app, { recursive: true });
  await run("npm", ["ci", "--cache", cache, ...QUIET], { cwd: app });
  const { stdout } = await run("npm", ["config", "get", "registry"], { cwd: app });
  return {
    registry: stdout.trim(),
    files: await tarOf(APP, ["."]),
    cache: await tarOf(folder.path, [".npm"]),
    dependencies: await tarOf(app, ["node_modules"]),
  };
}

async function tarOf(folder: string, names: readonly string[]): Promise<Uint8Array> {
  const options = { encoding: "buffer", maxBuffer: 1024 ** 3 } as const;
  const owner = ["--owner=1000", "--group=1000", "--numeric-owner"];
  const { stdout } = await run("tar", ["-C", folder, ...owner, "-c", ...names], options);
  return stdout;
}

/** The install in a sandbox that has the cache and reaches nothing. */
export function install(sandbox: Sandbox, { registry }: App): Promise<void> {
  const env = { npm_config_registry: registry, npm_config_update_notifier: "false" };
  return succeed(sandbox, ["npm", "ci", "--offline", ...QUIET], { env });
}

export function addCache(sandbox: Sandbox, { cache }: App): Promise<void> {
  return sandbox.uploadTar(HOME, once(cache));
}

export function unpack(sandbox: Sandbox, tar: Uint8Array): Promise<void> {
  return sandbox.uploadTar(WORKSPACE, once(tar));
}

export function layerOf(tar: Uint8Array): Layer {
  const digest = `sha256:${createHash("sha256").update(tar).digest("hex")}`;
  return { digest, into: WORKSPACE, scope: "bench", open: () => once(tar) };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** A command that succeeds only where the dependencies are. */
export const SEE_DEPENDENCIES = ["/usr/bin/test", "-s", "node_modules/express/index.js"] as const;
