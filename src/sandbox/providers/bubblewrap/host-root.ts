import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { pack as createPack } from "tar-stream";
import { inTurn } from "../../wire-host/machine-turns.ts";
import { contextFiles } from "../docker/image-context.ts";
import { readRecipe } from "../docker/image-recipe.ts";
import { packToolchain, type Toolchain, toolchainFor } from "../docker/image-toolchain.ts";
import { seccompRules } from "../docker/seccomp.ts";
import { compileSeccomp } from "./seccomp-filter.ts";
import type { FilterArch } from "./syscall-numbers.ts";

/** The only image here: the host's own `/usr`, with Dunlin's Node and npm for the jobs. */
export const HOST_IMAGE = "node";

/** What a sandbox has beside the host's `/usr`. */
export type HostRoot = {
  /** Holds `toolchain/`, laid out as in `/`, `etc/`, the mount points in `stage/` and `seccomp.bpf`. */
  readonly folder: string;
  /** `sha256:…` of this and of the list of the host's packages. */
  readonly digest: string;
};

const STAGED = ["tmp", "home", "workspace"];
const ETC: Readonly<Record<string, string>> = {
  passwd: `root:x:0:0:root:/root:/usr/sbin/nologin
job:x:1000:1000:job:/home/job:/bin/sh
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
`,
  group: "root:x:0:\njob:x:1000:\nnogroup:x:65534:\n",
  hosts: "127.0.0.1 localhost sandbox\n::1 localhost\n",
  hostname: "sandbox\n",
  "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
};

type Ingredients = {
  readonly toolchain: Toolchain;
  readonly program: ReadonlyMap<string, string>;
  readonly filter: Uint8Array;
};

/** What a host root is made of, and where it will be. */
export type HostRootPlan = HostRoot & { readonly ingredients: Ingredients };

/** One folder for each version of what goes in. */
export async function planHostRoot(stateFolder: string, arch: FilterArch): Promise<HostRootPlan> {
  const ingredients = await gather(arch);
  const own = hash(JSON.stringify([ETC, STAGED]), ...contents(ingredients));
  const digest = `sha256:${hash(own, await hostPackages())}`;
  return { folder: join(stateFolder, "roots", own.slice(0, 16)), digest, ingredients };
}

/** Makes it unless it is there: whole or not at all, and once. Throws `unavailable/image-cannot-be-built`. */
export async function layHostRoot({ folder, ingredients }: HostRootPlan): Promise<void> {
  const now = new Date();
  if (await exists(folder)) return utimes(folder, now, now);
  await inTurn(`bubblewrap-root:${folder}`, async () => {
    if (await exists(folder)) return;
    const unfinished = `${folder}.new`;
    await rm(unfinished, { recursive: true, force: true });
    await lay(unfinished, ingredients);
    await rename(unfinished, folder);
    await removeUnusedRoots(folder, now.getTime());
  });
}

/** Longer than any sandbox lives. A root's time is that of the last sandbox that was made from it. */
const UNUSED_MS = 14 * 86_400_000;

/** Removes the roots beside `own` that no Dunlin has used for two weeks: those of other versions. */
export async function removeUnusedRoots(own: string, nowMs: number): Promise<void> {
  const folder = dirname(own);
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const { mtimeMs } = await stat(path);
    if (path === own || nowMs - mtimeMs < UNUSED_MS) continue;
    // At once, so that nobody finds a part of it.
    const going = name.endsWith(GOING) ? path : `${path}${GOING}`;
    if (going !== path) await rename(path, going);
    await rm(going, { recursive: true, force: true });
  }
}

const GOING = ".gone";

async function gather(arch: FilterArch): Promise<Ingredients> {
  const { node } = await readRecipe(HOST_IMAGE);
  const files = (await contextFiles()).filter(({ path }) => path.startsWith("guest/"));
  return {
    toolchain: toolchainFor(arch === "x64" ? "amd64" : "arm64", node),
    program: new Map(files.map(({ path, data }) => [path.replace("guest/", ""), data])),
    filter: compileSeccomp(seccompRules(), arch),
  };
}

function contents({ toolchain, program, filter }: Ingredients): (string | Uint8Array)[] {
  return [JSON.stringify([toolchain, ...program]), filter];
}

async function lay(folder: string, { toolchain, program, filter }: Ingredients): Promise<void> {
  await mkdir(folder, { recursive: true });
  await unpackToolchain(folder, toolchain);
  const files = [
    ...Object.entries(ETC).map(([name, text]) => [`etc/${name}`, text] as const),
    ...[...program].map(([path, text]) => [`toolchain/opt/dunlin/sandbox/${path}`, text] as const),
    ["seccomp.bpf", filter] as const,
  ];
  for (const [path, data] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), data);
  }
  for (const name of STAGED) await mkdir(join(folder, "stage", name), { recursive: true });
  // Whatever the umask is here: the job is nobody's owner and in nobody's group.
  await promisify(execFile)("chmod", ["-R", "u=rwX,go=rX", folder]);
}

async function unpackToolchain(folder: string, toolchain: Toolchain): Promise<void> {
  const pack = createPack();
  const tar = spawn("tar", ["-x", "--no-same-owner", "-C", folder], {
    stdio: ["pipe", "ignore", "inherit"],
  });
  const ended = once(tar, "close");
  const packed = packToolchain(pack, toolchain).then(
    () => pack.finalize(),
    (error: unknown) => {
      pack.destroy();
      throw error;
    },
  );
  const [packing, unpacking] = await Promise.allSettled([packed, pipeline(pack, tar.stdin)]);
  const [status] = await ended;
  for (const result of [packing, unpacking]) {
    if (result.status === "rejected") throw result.reason;
  }
  if (status !== 0) throw new Error(`tar could not unpack into ${folder}.`);
}

/** Changes when a package of the host does, where packages are Debian's; else with its release. */
async function hostPackages(): Promise<string> {
  const texts = ["/usr/lib/os-release", "/var/lib/dpkg/status"].map((path) =>
    readFile(path, "utf8").catch(() => ""),
  );
  return (await Promise.all(texts)).join("\0");
}

function hash(...parts: readonly (string | Uint8Array)[]): string {
  const sum = createHash("sha256");
  for (const part of parts) sum.update(createHash("sha256").update(part).digest());
  return sum.digest("hex");
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
