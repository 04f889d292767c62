import { readdir, readFile } from "node:fs/promises";
import { z } from "zod";
import { Failure } from "../../../errors.ts";

export const IMAGES = new URL("../../../../sandbox-images/", import.meta.url);

const Recipe = z.strictObject({
  /** Debian's packages that it has beyond those of every image. */
  packages: z.array(z.string().regex(/^[a-z0-9][a-z0-9+.-]+$/)),
  /** Version of the Node that jobs find on their path, with npm; none without it. */
  node: z
    .string()
    .regex(/^\d+\.\d+\.\d+$/)
    .optional(),
});

/** `image.json` of a folder in `sandbox-images/`: how the image differs from the others. */
export type Recipe = z.output<typeof Recipe>;

/** The folders of `sandbox-images/`, sorted. */
export async function imageNames(): Promise<readonly string[]> {
  const entries = await readdir(IMAGES, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory());
  return folders.map(({ name }) => name).sort();
}

/** Throws `invalid-request/no-such-image` for a name that no folder has. */
export async function readRecipe(name: string): Promise<Recipe> {
  const names = await imageNames();
  if (!names.includes(name)) {
    throw new Failure(
      "invalid-request",
      "no-such-image",
      `There is no sandbox image called "${name}". Take one that there is (${names.join(", ")}), or a reference with its tag or digest, such as debian:12.`,
    );
  }
  const text = await readFile(new URL(`${name}/image.json`, IMAGES), "utf8");
  return Recipe.parse(JSON.parse(text));
}

/** `name:tag` or `name@sha256:…`, as engines write it. What has neither would be another image tomorrow. */
export function isImageReference(text: string): boolean {
  const name = "[a-z0-9]+(?:[._-]+[a-z0-9]+)*";
  const host = "[a-zA-Z0-9][a-zA-Z0-9.-]*(?::[0-9]+)?";
  const version = ":[\\w][\\w.-]{0,127}|(?::[\\w][\\w.-]{0,127})?@sha256:[0-9a-f]{64}";
  return new RegExp(`^(?:${host}/)?${name}(?:/${name})*(?:${version})$`).test(text);
}
