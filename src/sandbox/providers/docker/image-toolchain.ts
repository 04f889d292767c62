import { spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract, type Pack } from "tar-stream";
import { Failure } from "../../../errors.ts";

/** What is put in `toolchain/`; stands for its bytes in the image's hash. */
export type Toolchain = {
  /** The guest's own. */
  readonly node: string;
  /** On the jobs' path; without a Node, without both. */
  readonly jobs?: { readonly node: string; readonly npm: string };
  readonly arch: string;
  readonly layout: number;
};

const NPM_VERSION = "11.21.2";
/** Raise it when `packToolchain` writes something else for the same versions. */
const LAYOUT = 2;
const require = createRequire(import.meta.url);

/** `engineArch` as the engine names it: `amd64`, `arm64`. */
export function toolchainFor(engineArch: string, jobsNode: string | undefined): Toolchain {
  const arch = engineArch === "amd64" || engineArch === "x86_64" ? "x64" : "arm64";
  const { version } = require("node/package.json");
  const jobs = jobsNode === undefined ? {} : { jobs: { node: jobsNode, npm: NPM_VERSION } };
  return { node: version, ...jobs, arch, layout: LAYOUT };
}

const GUEST_NODE = "toolchain/opt/dunlin/node";
const JOBS_NODE = "toolchain/usr/local/bin/node";

/** Adds the guest's Node, and Node and npm for the jobs when they have them, laid out as in `/`. */
export async function packToolchain(
  pack: Pack,
  { node, jobs, arch }: Toolchain,
  signal?: AbortSignal,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "dunlin-toolchain-"));
  const fetchPackage = (spec: string) => download(folder, spec, signal);
  const addNode = async (version: string, target: string) =>
    repack(pack, await fetchPackage(`node-linux-${arch}@${version}`), (path) =>
      path === "package/bin/node" ? target : undefined,
    );
  try {
    const installed = installedNode(arch);
    if (installed === undefined) await addNode(node, GUEST_NODE);
    else await packFile(pack, installed, GUEST_NODE);
    if (jobs === undefined) return;
    // One file with two names where both are of one version.
    if (jobs.node !== node) await addNode(jobs.node, JOBS_NODE);
    else pack.entry({ name: JOBS_NODE, type: "link", linkname: GUEST_NODE, mode: 0o755 });
    await addNpm(pack, await fetchPackage(`npm@${jobs.npm}`));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function addNpm(pack: Pack, tarball: string): Promise<void> {
  const modules = "toolchain/usr/local/lib/node_modules/npm/";
  await repack(pack, tarball, (path) => path.replace(/^package\//, modules));
  for (const command of ["npm", "npx"]) {
    const linkname = `../lib/node_modules/npm/bin/${command}-cli.js`;
    pack.entry({ name: `toolchain/usr/local/bin/${command}`, type: "symlink", linkname });
  }
}

function installedNode(arch: string): string | undefined {
  if (process.platform !== "linux" || process.arch !== arch) return undefined;
  return join(dirname(require.resolve("node/package.json")), "bin/node");
}

async function packFile(pack: Pack, from: string, name: string): Promise<void> {
  const { size } = await stat(from);
  await pipeline(
    createReadStream(from),
    pack.entry({ name, size, mode: 0o755, mtime: new Date(0) }),
  );
}

/** Copies the files of a gzipped tar under new names; an undefined name leaves the file out. */
async function repack(
  pack: Pack,
  tarball: string,
  rename: (path: string) => string | undefined,
): Promise<void> {
  const entries = extract();
  const feeding = pipeline(createReadStream(tarball), createGunzip(), entries);
  for await (const entry of entries) {
    const { name, type, size = 0, mode = 0 } = entry.header;
    const target = type === "file" ? rename(name) : undefined;
    if (target === undefined) {
      entry.resume();
      continue;
    }
    const header = { name: target, size, mode: mode & 0o100 ? 0o755 : 0o644, mtime: new Date(0) };
    await pipeline(entry, pack.entry(header));
  }
  await feeding;
}

/** Lets the host's npm fetch a package from wherever it is configured to; returns the tarball's path. */
async function download(folder: string, spec: string, signal?: AbortSignal): Promise<string> {
  const target = await mkdtemp(join(folder, "pack-"));
  const args = ["pack", spec, "--prefer-offline", "--ignore-scripts", "--loglevel=error"];
  const child = spawn("npm", [...args, "--pack-destination", target], {
    cwd: target,
    stdio: ["ignore", "ignore", "pipe"],
    ...(signal === undefined ? {} : { signal }),
  });
  let log = "";
  child.stderr.on("data", (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-4000);
  });
  const [code] = await once(child, "close");
  const file = (await readdir(target)).find((name) => name.endsWith(".tgz"));
  if (code === 0 && file !== undefined) return join(target, file);
  throw new Failure(
    "unavailable",
    "image-cannot-be-built",
    `The sandbox image can't be built: npm could not fetch ${spec}. Check that \`npm view ${spec}\` works on this machine.`,
    { details: { npm: log.trim() } },
  );
}
