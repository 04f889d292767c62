import { open } from "node:fs/promises";
import { dirname } from "node:path";
import { Failure } from "../../errors.ts";

const MIB = 1024 ** 2;

/**
 * A file of this length that takes no room yet; one that was there is emptied. Throws `invalid-request/bad-limits` where
 * the file system knows no file so long.
 */
export async function makeSparse(path: string, bytes: number): Promise<void> {
  await using file = await open(path, "w", 0o600);
  try {
    await file.truncate(bytes);
  } catch (error) {
    throw isTooLong(error) ? tooLarge(dirname(path), bytes, error) : error;
  }
}

function isTooLong(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EFBIG";
}

function tooLarge(folder: string, bytes: number, cause: unknown): Failure {
  return new Failure(
    "invalid-request",
    "bad-limits",
    `A workspace needs a file of ${Math.ceil(bytes / MIB)} MiB, and ${folder} can hold none so large. Ask for a smaller one (workspaceMiB, or DUNLIN_WORKSPACE_MIB), raise this process's limit on files (ulimit -f), or keep Dunlin's data (DUNLIN_DATA_DIR) on another file system.`,
    { cause },
  );
}
