import { type Sandbox, WORKSPACE } from "../sandbox/sandbox.ts";
import { SURVEYED } from "./job-git.ts";

const TIMEOUT_MS = 60_000;
/** More paths than this make the question dearer than reading everything. */
const MAX_PRUNED = 100;

/** The pause is longer than the kernel's clock takes to go on, so that every later change is newer. */
const MARK = 'echo > "$1" && sleep 0.02';

type Options = { readonly signal?: AbortSignal };

/** From now on `hasChanged` counts, as after a reading: for a workspace whose state is known. False when it can't. */
export async function markAsRead(sandbox: Sandbox, options: Options = {}): Promise<boolean> {
  const limits = { timeoutMs: TIMEOUT_MS, maxOutputBytes: 4096 };
  const result = await sandbox.exec(["sh", "-c", MARK, "sh", SURVEYED], { ...limits, ...options });
  return result.exitCode === 0;
}

/**
 * Whether anything in the workspace may have changed since `readChanges` last read it: one process instead of a dozen,
 * and none of the set-up phase's files is looked at. It goes by the kernel's own time of each change, which a command
 * can't set; only a write through shared memory into a file that is already there has none. In doubt it says yes.
 */
export async function hasChanged(
  sandbox: Sandbox,
  options: Options & { readonly ignore: readonly string[] },
): Promise<boolean> {
  const { ignore, signal } = options;
  if (ignore.length > MAX_PRUNED) return true;
  // What stands in git's own folder is no part of a patch.
  const pruned = [".git", ...ignore].flatMap((path) => ["-path", pattern(path), "-prune", "-o"]);
  const result = await sandbox.exec(
    ["find", WORKSPACE, ...pruned, "-cnewer", SURVEYED, "-print", "-quit"],
    { timeoutMs: TIMEOUT_MS, maxOutputBytes: 4096, ...(signal === undefined ? {} : { signal }) },
  );
  return result.end !== "exit" || result.exitCode !== 0 || result.stdout.length > 0;
}

function pattern(path: string): string {
  return `${WORKSPACE}/${path.replace(/\/$/, "").replaceAll(/[\\*?[\]]/g, "\\$&")}`;
}
