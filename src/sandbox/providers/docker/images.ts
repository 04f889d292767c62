import type Docker from "dockerode";
import { Failure } from "../../../errors.ts";
import { statusOf } from "./engine-error.ts";
import { ensureImage, type Image } from "./image.ts";
import type { BuildOptions } from "./image-base.ts";

/** The images that sandboxes are made from; each is looked up, or built, once. */
export type Images = {
  get(docker: Docker, name: string): Promise<Image>;
  /** Makes something from it; once more when somebody has removed the image since it was looked up. */
  use<T>(docker: Docker, name: string, make: (image: Image) => Promise<T>): Promise<T>;
};

export function createImages({ onProgress }: Pick<BuildOptions, "onProgress">): Images {
  const images = new Map<string, Promise<Image>>();

  function get(docker: Docker, name: string): Promise<Image> {
    const known = images.get(name);
    if (known !== undefined) return known;
    const found = ensureImage(docker, name, onProgress === undefined ? {} : { onProgress });
    images.set(name, found);
    found.catch(() => images.delete(name));
    return found;
  }

  return {
    get,
    async use(docker, name, make) {
      try {
        return await make(await get(docker, name));
      } catch (error) {
        if (!isMissing(error)) throw error;
        images.delete(name);
        return make(await get(docker, name));
      }
    },
  };
}

function isMissing(error: unknown): boolean {
  return error instanceof Failure && statusOf(error.cause) === 404;
}
