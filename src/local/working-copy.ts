import { spawn } from "node:child_process";
import { once } from "node:events";
import { stat } from "node:fs/promises";
import { Failure } from "../errors.ts";

/** Throws `invalid-request/no-repository` with the next step unless `path` is a folder under git. */
export async function requireRepository(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() !== true) {
    throw new Failure(
      "invalid-request",
      "no-repository",
      `${path} is not a folder. Give the path of a git repository.`,
    );
  }
  const [code, output] = await git(path, ["rev-parse", "--show-cdup"]);
  if (code !== 0) {
    throw new Failure(
      "invalid-request",
      "no-repository",
      `${path} is not a git repository (${output.trim()}). Run git init there and commit, or give another path.`,
    );
  }
}

/** Whether there are changes that are not committed: a run does not see them. */
export async function hasUncommittedChanges(path: string): Promise<boolean> {
  const [code, output] = await git(path, ["status", "--porcelain", "--untracked-files=no"]);
  return code === 0 && output.trim() !== "";
}

/** Applies a unified diff to the working copy, all of it or nothing. */
export async function applyToWorkingCopy(path: string, diff: Uint8Array): Promise<void> {
  const [code, output] = await git(path, ["apply", "--whitespace=nowarn"], diff);
  if (code === 0) return;
  throw new Failure(
    "invalid-request",
    "patch-does-not-apply",
    `The change doesn't apply to the working copy as it is now (${output.trim().slice(0, 500)}). Commit or put away your own changes, or use --patch.`,
  );
}

async function git(
  cwd: string,
  args: readonly string[],
  stdin: Uint8Array = new Uint8Array(),
): Promise<readonly [number | null, string]> {
  const child = spawn(
    "git",
    ["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", ...args],
    {
      cwd,
      stdio: ["pipe", "pipe", "pipe"],
    },
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text.slice(0, 100_000 - output.length);
    });
  }
  // Git may end before it has read everything.
  child.stdin.on("error", () => {});
  child.stdin.end(stdin);
  await once(child, "close");
  return [child.exitCode, output];
}
