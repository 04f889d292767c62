import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { appendFile, chmod, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { pack as createPack } from "tar-stream";
import { Failure } from "../../../errors.ts";
import { inTurn, turnFor } from "../../wire-host/machine-turns.ts";
import { BASE_PACKAGES, type DebianBase, planDebianBase } from "../docker/debian-base.ts";
import { readRecipe } from "../docker/image-recipe.ts";
import { packToolchain, type Toolchain, toolchainFor } from "../docker/image-toolchain.ts";
import { keepNewest, markUsed } from "./newest.ts";
import { AS_ROOT, runProgram, startProgram } from "./program.ts";

export type RootDisk = {
  readonly path: string;
  /** Of everything that went in, `sha256:…`. */
  readonly digest: string;
};

export type RootDiskOptions = {
  /** One short line each time something is worth showing. */
  readonly onProgress?: (line: string) => void;
};

/** Raise it when the same parts are put together in another way. */
const LAYOUT = 1;
/** Roots, of some 350 MB each, and blank workspaces, of some 2 MB. */
const MAX_DISKS = 24;
/** A block device's worth of folders and tables beside the files. */
const SPARE_MIB = 32;

/**
 * The image of a folder in `sandbox-images/` as a disk, made from the host's Debian packages when there is none yet: no
 * container engine is needed. Throws `invalid-request` (`no-such-image`, `image-cannot-be-built`).
 */
export async function ensureRootDisk(
  folder: string,
  name: string,
  options: RootDiskOptions = {},
): Promise<RootDisk> {
  const recipe = await readRecipe(name);
  const toolchain = toolchainFor("x86_64", recipe.node);
  const base = await planDebianBase([...BASE_PACKAGES, ...recipe.packages]);
  if (base === undefined) {
    throw cannotMake("no Debian or Ubuntu package sources are configured in /etc/apt");
  }
  const content = [LAYOUT, base, toolchain];
  const hash = createHash("sha256").update(JSON.stringify(content)).digest("hex");
  const path = join(folder, `${name}-${hash.slice(0, 16)}.ext4`);
  const make = async () => {
    if (existsSync(path)) return markUsed(path);
    const work = `${path}.unfinished`;
    await rm(work, { recursive: true, force: true });
    await mkdir(work, { recursive: true, mode: 0o700 });
    try {
      const parts = { base, toolchain };
      await fillDisk(join(work, "disk"), join(work, "tree"), parts, options);
      await rename(join(work, "disk"), path);
    } catch (error) {
      throw cannotMake(error);
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  };
  await inTurn(turnFor(path), make);
  await keepNewest(folder, MAX_DISKS);
  return { path, digest: `sha256:${hash}` };
}

type Parts = {
  readonly base: DebianBase;
  readonly toolchain: Toolchain;
};

async function fillDisk(
  disk: string,
  tree: string,
  { base, toolchain }: Parts,
  { onProgress }: RootDiskOptions,
): Promise<void> {
  const archive = `${disk}.tar`;
  onProgress?.("installing Debian's packages for the micro-VM");
  await runProgram(["mmdebstrap", ...base.options, archive, ...base.sources]);
  await mkdir(tree, { mode: 0o755 });
  const unpack = [
    ...AS_ROOT,
    "tar",
    "-x",
    "-C",
    tree,
    ...(AS_ROOT.length > 0 ? ["--no-same-owner"] : []),
  ];
  await runProgram([...unpack, "-f", archive, "--exclude=./dev/*"]);
  await rm(archive);
  onProgress?.("adding Node to the micro-VM's disk");
  const pack = createPack();
  const tar = startProgram([...unpack, "--strip-components=1", "-f", "-"]);
  if (tar.child.stdin === null) throw new Error("tar has no input");
  await Promise.all([
    packToolchain(pack, toolchain).then(() => pack.finalize()),
    pipeline(pack, tar.child.stdin),
    tar.done,
  ]);
  await addJob(tree);
  onProgress?.("writing the micro-VM's disk");
  await makeDisk(tree, disk);
}

/** What the Dockerfile does in its own steps, and the folder that the guest's program is mounted at. */
async function addJob(tree: string): Promise<void> {
  await appendFile(join(tree, "etc/passwd"), "job:x:1000:1000::/home/job:/bin/bash\n");
  await appendFile(join(tree, "etc/group"), "job:x:1000:\n");
  await appendFile(join(tree, "etc/shadow"), "job:!:19000:0:99999:7:::\n");
  await writeFile(join(tree, "etc/hosts"), "127.0.0.1 localhost\n::1 localhost\n");
  await writeFile(join(tree, "etc/hostname"), "sandbox\n");
  await rm(join(tree, "etc/resolv.conf"), { force: true });
  await writeFile(join(tree, "etc/resolv.conf"), "");
  for (const folder of ["home/job", "workspace", "opt/dunlin/sandbox"]) {
    await mkdir(join(tree, folder), { recursive: true });
  }
  for (const name of await readdir(join(tree, "usr/lib"))) {
    if (!name.startsWith("python3")) continue;
    await rm(join(tree, "usr/lib", name, "EXTERNALLY-MANAGED"), { force: true });
  }
}

async function makeDisk(tree: string, disk: string): Promise<void> {
  const sizes = startProgram(["du", "--summarize", "--block-size=1M", tree]);
  let said = "";
  sizes.child.stdout?.on("data", (data: Buffer) => {
    said += data.toString();
  });
  sizes.child.stdin?.end();
  await sizes.done;
  const sizeMiB = Math.ceil(Number.parseInt(said, 10) * 1.1) + SPARE_MIB;
  const features = "^has_journal,^metadata_csum,^64bit";
  const extras = "root_owner=0:0,lazy_itable_init=1,hash_seed=00000000-0000-4000-8000-000000000000";
  await runProgram([
    ...AS_ROOT,
    "mke2fs",
    "-q",
    "-t",
    "ext4",
    "-b",
    "4096",
    "-O",
    features,
    "-m",
    "0",
    "-E",
    extras,
    "-d",
    tree,
    disk,
    `${sizeMiB}M`,
  ]);
  await chmod(disk, 0o444);
}

function cannotMake(cause: unknown): Failure {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new Failure(
    "invalid-request",
    "image-cannot-be-built",
    `The micro-VM's disk can't be made from Debian packages: ${why}. Run \`npm run setup -- microvm\` as root on Debian or Ubuntu.`,
    { cause },
  );
}
