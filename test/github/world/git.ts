import { spawn } from "node:child_process";

type GitOptions = {
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
};

/** What every git process of the stand-in sees: nothing of the machine's or the user's own settings. */
export function gitEnvironment(): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "",
    HOME: "/nonexistent",
    LC_ALL: "C",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_TERMINAL_PROMPT: "0",
  };
}

/** Runs git in `folder` and gives its output; throws with git's own words when it fails. */
export function git(
  folder: string,
  args: readonly string[],
  options: GitOptions = {},
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn("git", args, {
      cwd: folder,
      env: { ...gitEnvironment(), ...options.env },
      stdio: "pipe",
    });
    const output: Buffer[] = [];
    const errors: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => errors.push(chunk));
    child.stdin.on("error", () => {}); // git may end before it has read everything; its exit code tells
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) return resolve(Buffer.concat(output));
      reject(new Error(`git ${args.join(" ")} failed: ${Buffer.concat(errors)}`));
    });
    child.stdin.end(options.input);
  });
}

/** Git's output as text without the last newline. */
export async function gitText(folder: string, args: readonly string[], options?: GitOptions) {
  return (await git(folder, args, options)).toString("utf8").trimEnd();
}

/** The id that `revision` names, or undefined. Callers pass a full id or a name that begins with `refs/`. */
export async function resolveRevision(folder: string, revision: string) {
  try {
    return await gitText(folder, ["rev-parse", "--verify", "--quiet", revision]);
  } catch {
    return undefined;
  }
}

/** A commit by id, branch or tag as GitHub's `{ref}` means it, or undefined. */
export async function resolveCommit(folder: string, ref: string): Promise<string | undefined> {
  const names = /^[0-9a-f]{40}$/.test(ref)
    ? [ref]
    : [`refs/heads/${ref}`, `refs/tags/${ref}`, ref.startsWith("refs/") ? ref : `refs/${ref}`];
  for (const name of names) {
    const commit = await resolveRevision(folder, `${name}^{commit}`);
    if (commit) return commit;
  }
  return undefined;
}

export async function isAncestor(folder: string, older: string, newer: string): Promise<boolean> {
  const missing = await gitText(folder, ["rev-list", "--max-count=1", older, "--not", newer]);
  return missing === "";
}

export const ZERO_ID = "0".repeat(40);
