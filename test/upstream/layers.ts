import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { openFolder } from "../../bench/folder.ts";
import { type Layer, WORKSPACE } from "../../src/sandbox/sandbox.ts";
import { archiveOf } from "./archive.ts";
import type { Tree } from "./tarballs.ts";

const run = promisify(execFile);
const QUIET = ["--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock"];
const OWNER = ["--owner=1000", "--group=1000", "--numeric-owner", "--mtime=@0", "--sort=name"];

/** The base's files. */
export async function sourceLayer(base: Tree): Promise<Layer> {
  return layerOf(await archiveOf(base));
}

/** What the base asks for, installed on the host without running anything of it; kept in the folder for later. */
export async function dependencyLayer(base: Tree, cache: string): Promise<Layer> {
  const manifest = base.get("package.json") ?? new Uint8Array();
  const name = createHash("sha256").update(manifest).digest("hex").slice(0, 20);
  const archive = join(cache, "installed", `${name}.tar`);
  const known = await readFile(archive).catch(() => undefined);
  if (known !== undefined) return layerOf(known);
  await mkdir(join(cache, "installed"), { recursive: true });
  await using folder = await openFolder(join(cache, "install-"));
  await writeFile(join(folder.path, "package.json"), manifest);
  await run("npm", ["install", "--legacy-peer-deps", ...QUIET], { cwd: folder.path });
  await mkdir(join(folder.path, "node_modules"), { recursive: true });
  const fresh = join(folder.path, "fresh.tar");
  await run("tar", ["-C", folder.path, ...OWNER, "-cf", fresh, "node_modules"]);
  await rename(fresh, archive);
  return layerOf(await readFile(archive));
}

function layerOf(bytes: Uint8Array): Layer {
  const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  return { digest, into: WORKSPACE, scope: "upstream", open: () => once(bytes) };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
