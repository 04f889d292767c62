import Docker from "dockerode";
import { describe } from "vitest";
import { createLog } from "../../src/log.ts";
import {
  createDockerProvider,
  type DockerProviderOptions,
} from "../../src/sandbox/providers/docker/docker-provider.ts";
import { dockerOptions } from "../../src/sandbox/providers/docker/engine-socket.ts";
import type { ExecOptions, ExecResult, Sandbox, SandboxSpec } from "../../src/sandbox/sandbox.ts";

/** The engine that the sandboxes stand on, for what a test does behind Dunlin's back. */
export const docker = new Docker(await dockerOptions(process.env));

const known = Object.keys((await docker.info()).Runtimes ?? {});

/** The same promises on each runtime; one that the engine doesn't have is shown as skipped. */
export function describeEachRuntime(name: string, body: (runtime: string) => void): void {
  for (const runtime of ["runc", "runsc"]) {
    describe.skipIf(!known.includes(runtime))(`${name} on ${runtime}`, () => body(runtime));
  }
}

export function providerFor(runtime: string, options: Partial<DockerProviderOptions> = {}) {
  return createDockerProvider({
    env: process.env,
    log: createLog("warn"),
    weakAllowed: true,
    runtime,
    ...options,
  });
}

export const SPEC: SandboxSpec = {
  image: "node",
  limits: { cpus: 2, memoryMiB: 768, pids: 256, workspaceMiB: 256 },
  maxLifetimeMs: 10 * 60_000,
  egress: { mode: "none" },
  layers: [],
  labels: { purpose: "test" },
};

export type TextResult = Pick<ExecResult, "end" | "exitCode" | "signal" | "droppedBytes"> & {
  readonly out: string;
  readonly err: string;
};

/** Runs a shell script; the time is generous because the machine may be busy. */
export async function sh(
  sandbox: Sandbox,
  script: string,
  options: Partial<ExecOptions> = {},
): Promise<TextResult> {
  const result = await sandbox.exec(["/bin/sh", "-c", script], { timeoutMs: 60_000, ...options });
  const { end, exitCode, signal, droppedBytes } = result;
  return {
    end,
    exitCode,
    signal,
    droppedBytes,
    out: text(result.stdout),
    err: text(result.stderr),
  };
}

export function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** Prints how many processes of the job's user there are, the shell that counts left out. */
export const COUNT_JOBS = `n=0; for p in /proc/[0-9]*; do
  [ "$(stat -c %u "$p" 2>/dev/null)" = 1000 ] && [ "$p" != "/proc/$$" ] && [ -e "$p/exe" ] && n=$((n+1))
done; echo $n`;
