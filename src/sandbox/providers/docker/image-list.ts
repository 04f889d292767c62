import Docker from "dockerode";
import { ENGINE_TIMEOUT_MS, statusOf, withinMs } from "./engine-error.ts";
import { dockerOptions } from "./engine-socket.ts";
import { ensureImage, type Image } from "./image.ts";
import { planImage } from "./image-build.ts";
import { isImageReference } from "./image-recipe.ts";

export type FoundImage = {
  readonly name: string;
  /** The engine's name for what belongs to this Dunlin; older builds have others. */
  readonly ref: string;
  readonly built: {
    readonly digest: string;
    readonly bytes: number;
    /** ISO 8601. */
    readonly at: string;
  } | null;
};

export type Images = {
  /** Throws `invalid-request/no-such-image` and `unavailable`. */
  find(name: string): Promise<FoundImage>;
  /** Throws what `ensureImage` does. */
  build(name: string, onProgress: (line: string) => void): Promise<Image>;
};

/** The images of the engine that `env` leads to. Throws `unavailable/engine-down`. */
export async function openImages(
  env: Readonly<Record<string, string | undefined>>,
): Promise<Images> {
  const docker = new Docker(await dockerOptions(env));
  await withinMs(ENGINE_TIMEOUT_MS, docker.ping());
  return {
    find: (name) => find(docker, name),
    build: (name, onProgress) => ensureImage(docker, name, { onProgress }),
  };
}

async function find(docker: Docker, name: string): Promise<FoundImage> {
  const ref = isImageReference(name) ? name : (await planImage(docker, name)).ref;
  try {
    const { Id: digest, Size: bytes, Created: at } = await docker.getImage(ref).inspect();
    return { name, ref, built: { digest, bytes, at } };
  } catch (error) {
    if (statusOf(error) === 404) return { name, ref, built: null };
    throw error;
  }
}
