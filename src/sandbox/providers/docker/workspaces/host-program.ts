import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Failure } from "../../../../errors.ts";

const TIMEOUT_MS = 120_000;
/** Nothing of the caller's environment; one call of the kernel's for each mount, however long its options are. */
const ENV = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  LC_ALL: "C",
  LIBMOUNT_FORCE_MOUNT2: "always",
};

const start = promisify(execFile);

/** What a program of the host's prints. Throws `unavailable/workspace-disk` with what it complains about. */
export async function runOnHost(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string } = {},
): Promise<string> {
  try {
    const { stdout } = await start(program, [...args], {
      ...options,
      env: ENV,
      timeout: TIMEOUT_MS,
    });
    return stdout;
  } catch (cause) {
    throw new Failure(
      "unavailable",
      "workspace-disk",
      `The host's ${program} failed: ${complaintOf(cause)}. Check the disk of the state folder and the kernel's log.`,
      { cause },
    );
  }
}

function complaintOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const said = "stderr" in error ? String(error.stderr).trim() : "";
  return said || error.message;
}
