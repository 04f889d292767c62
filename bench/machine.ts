import { execFile } from "node:child_process";
import { cpus, loadavg, release, totalmem } from "node:os";
import { promisify } from "node:util";
import Docker from "dockerode";
import { dockerOptions } from "../src/sandbox/providers/docker/engine-socket.ts";

export type Machine = {
  readonly cpus: number;
  readonly cpu: string;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly node: string;
  readonly engine: string;
  /** Of the sources that were measured, with `+` when they were changed since. */
  readonly commit: string;
};

export async function describeMachine(): Promise<Machine> {
  const docker = new Docker(await dockerOptions(process.env));
  const { Version, ApiVersion } = await docker.version();
  return {
    cpus: cpus().length,
    cpu: cpus()[0]?.model ?? "unknown",
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
    engine: `Docker ${Version}, API ${ApiVersion}`,
    commit: await commit(),
  };
}

/** Of the last 1, 5 and 15 minutes. */
export function machineLoad(): readonly number[] {
  return loadavg().map((load) => Math.round(load * 100) / 100);
}

async function commit(): Promise<string> {
  const git = promisify(execFile);
  try {
    const { stdout: head } = await git("git", ["rev-parse", "--short", "HEAD"]);
    const { stdout: changed } = await git("git", ["status", "--porcelain", "--", "src"]);
    return `${head.trim()}${changed === "" ? "" : "+"}`;
  } catch {
    return "unknown"; // not a clone
  }
}
