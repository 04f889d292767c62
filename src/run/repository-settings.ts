import { type Document, parseDocument } from "yaml";
import { z } from "zod";
import { Failure } from "../errors.ts";

export const SETTINGS_FILE = ".github/dunlin.yml";

const line = z
  .string("must be a text")
  .trim()
  .min(1, "is empty")
  .max(1000, "is longer than 1000 characters");

/** Of report files; relative, so that nothing beside the repository is ever read. */
const glob = line
  .max(200, "is longer than 200 characters")
  .refine((text) => !/^[/~]|\\|(^|\/)\.\.(\/|$)/.test(text), "must be a path below the repository")
  .refine((text) => text.split("**").length <= 2, "may have ** once");
const globs = z
  .array(glob, "must be a text or a list of texts")
  .min(1, "is empty")
  .max(20, "has more than 20 entries");

/** Names of images are the operator's, so all that is wrong about another one is that it isn't among them. */
const MAX_IMAGE_LENGTH = 300;

/**
 * What a repository may say about itself, from its default branch. It can only narrow what the operator allows: there
 * is no key for limits, network, mounts or environment.
 */
export const RepositorySettings = z.strictObject({
  /** One of the operator's sandbox images. */
  image: z.string("must be a text").max(MAX_IMAGE_LENGTH, "is too long").optional(),
  /** Shell command that installs dependencies. */
  install: line.optional(),
  /** Shell command that runs the whole test suite. */
  test: line.optional(),
  /** Where the test command writes JUnit XML; a text, or a list of them. */
  reports: z
    .preprocess((value) => (typeof value === "string" ? [value] : value), globs.optional())
    .optional(),
  /** Shell commands that build it, lint it and look at its types. */
  build: line.optional(),
  lint: line.optional(),
  types: line.optional(),
});
export type RepositorySettings = z.output<typeof RepositorySettings> & { readonly image: string };

/**
 * Throws `invalid-request/repository-settings` that names the line or key, and the images that there are. `undefined`
 * is an absent file; without an `image` it is the first of `images`.
 */
export function readRepositorySettings(
  text: string | undefined,
  images: readonly string[],
): RepositorySettings {
  const document = parseDocument(text ?? "");
  const [syntax] = document.errors;
  if (syntax !== undefined) throw wrong(firstLine(syntax.message));
  const parsed = RepositorySettings.safeParse(plain(document) ?? {});
  if (parsed.success) return withImage(parsed.data, images);
  const [issue] = parsed.error.issues;
  const key = issue?.path.join(".") ?? "";
  throw wrong(`${key === "" ? "" : `${key}: `}${issue?.message ?? "is not valid"}`);
}

function withImage(
  settings: z.output<typeof RepositorySettings>,
  images: readonly string[],
): RepositorySettings {
  const { image = images[0] ?? "" } = settings;
  if (images.includes(image)) return { ...settings, image };
  throw wrong(`image: must be one of ${images.join(", ")}, which the operator allows`);
}

function firstLine(message: string): string {
  return message.split("\n")[0]?.replace(/:$/, "") ?? "";
}

/** Aliases are refused: a few lines of them can stand for gigabytes. */
function plain(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch {
    throw wrong("aliases (*name) can't be used here");
  }
}

function wrong(reason: string): Failure {
  return new Failure(
    "invalid-request",
    "repository-settings",
    `${SETTINGS_FILE} is not valid: ${reason}. It may have the keys image, install, test, reports, build, lint and types. Correct it on the default branch.`,
  );
}
