import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import type Docker from "dockerode";
import { pack as createPack, type Pack } from "tar-stream";
import { Failure } from "../../../errors.ts";
import { inTurn } from "../../wire-host/machine-turns.ts";
import type { Image } from "./image.ts";
import { type BuildOptions, findBase, followProgress, imageId } from "./image-base.ts";
import { type ContextFile, contextFiles } from "./image-context.ts";
import { type Recipe, readRecipe } from "./image-recipe.ts";
import { packToolchain, type Toolchain, toolchainFor } from "./image-toolchain.ts";

/** All that an image is made from, and the name that stands for it. */
export type ImagePlan = {
  readonly ref: string;
  readonly files: readonly ContextFile[];
  readonly recipe: Recipe;
  readonly toolchain: Toolchain;
};

/**
 * The image of a folder in `sandbox-images/`, built when the engine hasn't it yet: it appears under its name whole or
 * not at all, and two who want it at once build it once. Throws `invalid-request` (`no-such-image`,
 * `image-cannot-be-built`) with the one thing to do.
 */
export async function ensureBuiltImage(
  docker: Docker,
  name: string,
  options: BuildOptions = {},
): Promise<Image> {
  const plan = await planImage(docker, name);
  const { ref } = plan;
  const present = await imageId(docker, ref);
  if (present !== undefined) return { ref, digest: present };
  const buildUnlessThere = async () => {
    const meanwhile = await imageId(docker, ref);
    if (meanwhile !== undefined) return meanwhile;
    await build(docker, plan, options);
    return imageId(docker, ref);
  };
  const built = await inTurn(ref, buildUnlessThere, options.signal);
  if (built === undefined) throw cannotBuild("the engine doesn't know the image it just built");
  return { ref, digest: built };
}

/** Throws `invalid-request/no-such-image`. */
export async function planImage(docker: Docker, name: string): Promise<ImagePlan> {
  const recipe = await readRecipe(name);
  const files = await contextFiles();
  const toolchain = toolchainFor((await docker.version()).Arch, recipe.node);
  const ref = `dunlin/${name}:${contentHash(files, recipe, toolchain)}`;
  return { ref, files, recipe, toolchain };
}

/** Changes with every byte of the context, with the packages, and with the versions of Node and npm. */
export function contentHash(
  files: readonly ContextFile[],
  { packages }: Recipe,
  toolchain: Toolchain,
): string {
  const content = [toolchain, packages, files.map((file) => [file.path, file.data])];
  return createHash("sha256").update(JSON.stringify(content)).digest("hex").slice(0, 16);
}

/** What its Dockerfile starts from where that can be pulled. */
export function publishedBase({ files }: ImagePlan): string {
  const dockerfile = files.find((file) => file.path === "Dockerfile")?.data ?? "";
  const published = /^ARG BASE=(\S+)$/m.exec(dockerfile)?.[1];
  if (published === undefined) throw cannotBuild("its Dockerfile has no `ARG BASE=…` line");
  return published;
}

async function build(docker: Docker, plan: ImagePlan, options: BuildOptions): Promise<void> {
  const { ref, files, recipe, toolchain } = plan;
  const base = await findBase(docker, publishedBase(plan), recipe.packages, options);
  const pack = createPack();
  const broken = new AbortController();
  const packed = packContext(pack, files, toolchain, options.signal).catch((error) => {
    broken.abort(error);
    throw error;
  });
  const request = docker.buildImage(Readable.from(pack), {
    t: ref,
    buildargs: { BASE: base.ref, PACKAGES: base.packages.join(" ") },
    networkmode: base.network,
    forcerm: true,
    abortSignal: AbortSignal.any([broken.signal, ...(options.signal ? [options.signal] : [])]),
  });
  request.catch((error) => pack.destroy(error));
  const [stream] = await Promise.all([request, packed]);
  await followBuild(stream, options);
}
async function packContext(
  pack: Pack,
  files: readonly ContextFile[],
  toolchain: Toolchain,
  signal?: AbortSignal,
): Promise<void> {
  for (const { path, data } of files) {
    pack.entry({ name: path, mode: 0o644, mtime: new Date(0) }, data);
  }
  await packToolchain(pack, toolchain, signal);
  pack.finalize();
}

async function followBuild(stream: NodeJS.ReadableStream, options: BuildOptions): Promise<void> {
  try {
    await followProgress(stream, (event) => {
      const step = /^Step (\d+)\/(\d+)/.exec(event.stream ?? "");
      if (step !== null) options.onProgress?.(`building, step ${step[1]} of ${step[2]}`);
    });
  } catch (error) {
    options.signal?.throwIfAborted();
    throw cannotBuild(error instanceof Error ? error.message : String(error), error);
  }
}

function cannotBuild(why: string, cause?: unknown): Failure {
  return new Failure(
    "invalid-request",
    "image-cannot-be-built",
    `The sandbox image can't be built: ${why}. Change its folder in sandbox-images/ or the container engine's settings.`,
    { cause },
  );
}
