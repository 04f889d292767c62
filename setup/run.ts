import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Failure } from "../src/errors.ts";

const execute = promisify(execFile);

/** Runs a system program quietly; its last lines are in the failure when it doesn't succeed. */
export async function run(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<string> {
  try {
    const { stdout } = await execute(program, args, {
      maxBuffer: 64 * 1024 * 1024,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: { ...process.env, LC_ALL: "C.UTF-8", ...options.env },
    });
    return stdout;
  } catch (cause) {
    const stderr = cause instanceof Error && "stderr" in cause ? String(cause.stderr).trim() : "";
    const reason = stderr.split("\n").slice(-5).join("\n") || String(cause);
    throw new Failure(
      "unavailable",
      "system-program-failed",
      `\`${program} ${args.join(" ")}\` failed: ${reason}`,
      { cause },
    );
  }
}

/** Whether a program of this name is on the PATH. */
export async function isInstalled(program: string): Promise<boolean> {
  return execute("sh", ["-c", `command -v "$0"`, program]).then(
    () => true,
    () => false,
  );
}
