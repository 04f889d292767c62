import { Failure } from "../../../errors.ts";
import type { GitEnvironment } from "./environment.ts";
import { OutputLimit } from "./plumbing.ts";

/** What every command on a mirror's own objects needs. */
export type MirrorPlace = {
  /** The bare mirror. */
  readonly mirror: string;
  readonly scratch: string;
  /** With `GIT_DIR` set to the mirror. */
  readonly env: GitEnvironment;
  readonly timeoutMs: number;
};

/** The command's place: git runs in the mirror itself, where no content is ever written. */
export function at(place: MirrorPlace): {
  readonly env: GitEnvironment;
  readonly cwd: string;
  readonly timeoutMs: number;
} {
  return { env: place.env, cwd: place.mirror, timeoutMs: place.timeoutMs };
}

/** Everything that names a commit passes here: a sha can't be read as an option. */
export function requireSha(sha: string): string {
  if (/^[0-9a-f]{40}$/.test(sha)) return sha;
  throw new Failure("bug", "not-a-sha", "A commit must be named by its full SHA-1.");
}

/** Turns "more output than allowed" into the Failure that it means here. */
export async function limited<T>(work: Promise<T>, failure: () => Failure): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof OutputLimit ? failure() : error;
  }
}
