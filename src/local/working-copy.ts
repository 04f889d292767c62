import { spawn } from "node:child_process";
import { once } from "node:events";
import { realpath, stat } from "node:fs/promises";
import { Failure } from "../errors.ts";

/**
 * The top folder, without symbolic links, of the git repository that `path` is in. Throws `invalid-request`
 * (`no-repository`, `no-commit`, `no-git`) with the next step.
 */
export async function findWorkingCopy(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() !== true) {
    throw refuse(
      "no-repository",
      `${path} is not a folder. Give the path of a git repository's working copy.`,
    );
  }
  const [code, output] = await git(path, ["rev-parse", "--show-toplevel"]);
  if (code !== 0) throw notUsable(path, output.trim());
  const top = output.replace(/\n$/, "");
  const [headCode] = await git(top, ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]);
  if (headCode === 0) return realpath(top);
  throw refuse(
    "no-commit",
    `The repository ${top} has no commit yet, so there is nothing to start from. Commit its files, then run the same command again.`,
  );
}

function notUsable(path: string, said: string): Failure {
  // Git's own text names the setting that allows it.
  if (said.includes("dubious ownership")) return refuse("no-repository", said);
  if (said.includes("must be run in a work tree")) {
    return refuse(
      "no-repository",
      `${path} is a repository without a working copy. Clone it with git clone ${path} FOLDER and give that folder.`,
    );
  }
  return refuse(
    "no-repository",
    `${path} is not in a git repository. Run git init there and commit, or give another path.`,
  );
}

/** Whether there are changes that are not committed: a run does not see them. */
export async function hasUncommittedChanges(path: string): Promise<boolean> {
  const [code, output] = await git(path, ["status", "--porcelain", "--untracked-files=no"]);
  return code === 0 && output.trim() !== "";
}

/** Applies a unified diff to the working copy, all of it or nothing; a diff that is applied already stays so. */
export async function applyToWorkingCopy(path: string, diff: Uint8Array): Promise<void> {
  const [already] = await git(path, ["apply", "--reverse", "--check"], diff);
  if (already === 0) return;
  const [code, output] = await git(path, ["apply", "--whitespace=nowarn"], diff);
  if (code === 0) return;
  throw refuse(
    "patch-does-not-apply",
    `The change doesn't apply to the working copy as it is now (${output.trim().slice(0, 500)}). Commit or put away your own changes, then run the same command again; the result is kept.`,
  );
}

function refuse(code: string, message: string): Failure {
  return new Failure("invalid-request", code, message);
}

// In English, because what git says is read here; without locks, because looking must not write the index.
const GIT = ["LC_ALL=C", "git", "--no-optional-locks", "-c", "core.fsmonitor=false"];
const COMMAND_NOT_FOUND = 127;

async function git(
  cwd: string,
  args: readonly string[],
  stdin: Uint8Array = new Uint8Array(),
): Promise<readonly [number | null, string]> {
  const child = spawn("env", [...GIT, ...args], { cwd, stdio: ["pipe", "pipe", "pipe"] });
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
  if (child.exitCode === COMMAND_NOT_FOUND) {
    throw refuse("no-git", "There is no git on the PATH. Install it, then run the same command.");
  }
  return [child.exitCode, output];
}
