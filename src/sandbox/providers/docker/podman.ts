import { closeSync, openSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type Docker from "dockerode";
import { ENGINE_TIMEOUT_MS, withinMs } from "./engine-error.ts";

/** Whether it is Podman that speaks Docker's API here. */
export async function isPodman(docker: Docker): Promise<boolean> {
  const version: { readonly Components?: readonly { readonly Name?: string }[] } = await withinMs(
    ENGINE_TIMEOUT_MS,
    docker.version(),
  );
  return (version.Components ?? []).some(({ Name }) => Name === "Podman Engine");
}

/**
 * Podman takes the path of a profile where Docker takes the profile. The file has no name that anybody else could use
 * or that could be left behind: it is gone with this process. Podman has to run on this machine, as root or this user.
 */
export function seccompPath(profile: string): string {
  const name = join(tmpdir(), `dunlin-seccomp-${process.pid}-${process.hrtime.bigint()}`);
  const writable = openSync(name, "wx", 0o600);
  try {
    writeSync(writable, profile);
    return `/proc/${process.pid}/fd/${openSync(name, "r")}`;
  } finally {
    unlinkSync(name);
    closeSync(writable);
  }
}
