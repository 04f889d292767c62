import type Docker from "dockerode";
import type { BuildOptions } from "./image-base.ts";
import { ensureBuiltImage } from "./image-build.ts";
import { ensureForeignImage } from "./image-foreign.ts";
import { isImageReference } from "./image-recipe.ts";

/** Starts the guest in every image; neither path is on a job's PATH. */
export const GUEST_ARGV: readonly string[] = [
  "/opt/dunlin/node",
  "/opt/dunlin/sandbox/guest/main.js",
];

export type Image = {
  /** `dunlin/<name>:<hash of what went in>`; a foreign one as the operator names it. */
  readonly ref: string;
  /** The engine's id of the image, `sha256:…`. */
  readonly digest: string;
  /** Only for one that isn't built here. */
  readonly foreign?: Foreign;
};

/** What a sandbox from a foreign image gets beside it. */
export type Foreign = {
  /** The container whose volume holds the guest and its Node. */
  readonly guestFrom: string;
  /** The image's environment, for jobs only; their own home and language stay. */
  readonly jobEnv: Readonly<Record<string, string>>;
  /** All that the image sets. */
  readonly envNames: readonly string[];
};

/**
 * The image of a folder in `sandbox-images/`, built when the engine hasn't it yet; or one from elsewhere by its
 * reference with a tag or digest. Throws `invalid-request` (`no-such-image`, `image-cannot-be-built`, `image-unfit`)
 * with the one thing to do.
 */
export async function ensureImage(
  docker: Docker,
  name: string,
  options: BuildOptions = {},
): Promise<Image> {
  const ensure = isImageReference(name) ? ensureForeignImage : ensureBuiltImage;
  return ensure(docker, name, options);
}
