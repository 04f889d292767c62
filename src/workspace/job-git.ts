import { Failure } from "../errors.ts";
import type { ExecOptions, Sandbox } from "../sandbox/sandbox.ts";
import type { TreeEntry } from "./patch.ts";
import { escapePath } from "./patch-path.ts";

/**
 * Git's own folder for one operation in a sandbox. It lies outside the workspace and is made anew each time, so
 * whatever stands in the workspace's `.git` is never read.
 */
export const PRIVATE_GIT = "/tmp/.dunlin-git";

/** Its time is when the workspace was last read: what was changed later is newer. */
export const SURVEYED = "/tmp/.dunlin-surveyed";

const ENV = {
  LC_ALL: "C",
  HOME: "/nonexistent",
  XDG_CONFIG_HOME: "/nonexistent",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_ATTR_NOSYSTEM: "1",
  GIT_NO_REPLACE_OBJECTS: "1",
  GIT_TERMINAL_PROMPT: "0",
};

/** Settings of the private folder: nothing runs, and odd names come out, for the patch policy to name them. */
const PRIVATE_ENV = {
  GIT_DIR: PRIVATE_GIT,
  GIT_WORK_TREE: "/workspace",
  GIT_CONFIG_COUNT: "6",
  GIT_CONFIG_KEY_0: "core.fsmonitor",
  GIT_CONFIG_VALUE_0: "false",
  GIT_CONFIG_KEY_1: "core.hooksPath",
  GIT_CONFIG_VALUE_1: "/dev/null",
  GIT_CONFIG_KEY_2: "core.attributesFile",
  GIT_CONFIG_VALUE_2: "/dev/null",
  GIT_CONFIG_KEY_3: "core.excludesFile",
  GIT_CONFIG_VALUE_3: "/dev/null",
  GIT_CONFIG_KEY_4: "core.protectHFS",
  GIT_CONFIG_VALUE_4: "false",
  GIT_CONFIG_KEY_5: "core.protectNTFS",
  GIT_CONFIG_VALUE_5: "false",
};

/** A script for `sh -eu` that uses the workspace's own git folder, with nothing but its own settings. */
export function gitScript(text: string, args: readonly string[]): readonly string[] {
  const env = Object.entries(ENV).map(([name, value]) => `${name}=${value}`);
  return ["env", ...env, "sh", "-euc", text, "sh", ...args];
}

/**
 * Starts a script that uses the private folder: an empty repository, whatever stood there. Scripts start few processes:
 * on gVisor each costs more than git's work on a small repository.
 */
export const NEW_PRIVATE_GIT = `
new_folder() { mkdir -m 700 "$GIT_DIR" "$GIT_DIR/objects" "$GIT_DIR/refs" "$GIT_DIR/info"; }
new_folder 2> /dev/null || { rm -rf "$GIT_DIR"; new_folder; }
echo 'ref: refs/heads/none' > "$GIT_DIR/HEAD"
`;

/** The base commit's listing as `git update-index -z --index-info` reads it. */
export function indexInfo(tree: readonly TreeEntry[]): Uint8Array {
  const lines = tree.map(({ mode, blob, path }) => `${mode} ${blob}\t${path}\0`);
  return new TextEncoder().encode(lines.join(""));
}

export type Script = {
  /** For the message of a failure: "reading the changes". */
  readonly what: string;
  /** For `sh -eu`. */
  readonly text: string;
  /** `$1`, `$2` and so on. */
  readonly args?: readonly string[];
  readonly timeoutMs: number;
} & Pick<ExecOptions, "stdin" | "onOutput" | "killAfterOutputBytes" | "signal">;

/**
 * Runs a script as the job, with the private folder as `GIT_DIR`. What it prints is the job's word; anything but exit 0
 * is a Failure.
 */
export async function runScript(sandbox: Sandbox, script: Script): Promise<void> {
  const { what, text, args = [], ...options } = script;
  options.signal?.throwIfAborted();
  const result = await sandbox.exec(["sh", "-euc", text, "sh", ...args], {
    ...options,
    env: { ...ENV, ...PRIVATE_ENV },
    maxOutputBytes: 4096,
  });
  options.signal?.throwIfAborted();
  if (result.end === "exit" && result.exitCode === 0) return;
  const said = new TextDecoder().decode(result.stderr).trim();
  throw scriptFailure(what, result.end, `${result.exitCode ?? result.signal ?? ""}`, said);
}

function scriptFailure(what: string, end: string, code: string, said: string): Failure {
  const details = { end, code, said };
  switch (end) {
    case "lost":
      return new Failure("unavailable", "sandbox-lost", `The sandbox was lost while ${what}.`, {
        details,
      });
    case "oom":
    case "timeout":
    case "killed":
      return new Failure(
        "limit-reached",
        "workspace-too-large",
        `The workspace holds too much: ${what} took too ${end === "timeout" ? "long" : "much"}. Remove large or many files from it.`,
        { details },
      );
  }
  if (/no space left|disk quota/i.test(said)) {
    const message = `There is no space left in the sandbox for ${what}. Remove large files from the workspace and /tmp.`;
    return new Failure("limit-reached", "sandbox-full", message, { details });
  }
  const message = `Git in the sandbox failed while ${what}: ${escapePath(said)}. Undo what was done to the files it names.`;
  return new Failure("invalid-request", "workspace-unreadable", message, { details });
}
