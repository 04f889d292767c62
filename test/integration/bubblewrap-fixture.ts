import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe } from "vitest";
import { createLog } from "../../src/log.ts";
import {
  type BubblewrapProviderOptions,
  createBubblewrapProvider,
} from "../../src/sandbox/providers/bubblewrap/bubblewrap-provider.ts";
import { lookAtHost } from "../../src/sandbox/providers/bubblewrap/host.ts";
import type {
  ExecOptions,
  ExecResult,
  ProbeReport,
  Sandbox,
  SandboxProvider,
} from "../../src/sandbox/sandbox.ts";

/** A provider with a state folder of its own, and what its probe found. */
export type Ground = {
  readonly stateFolder: string;
  readonly provider: SandboxProvider;
  readonly report: ProbeReport;
  /** Why this machine can run nothing under bubblewrap, whatever Dunlin does; else empty. */
  readonly unfit: string;
  another(options?: Partial<BubblewrapProviderOptions>): SandboxProvider;
  /** To be called after all tests; throws when a sandbox is left. */
  close(): Promise<void>;
};

export async function openGround(): Promise<Ground> {
  const stateFolder = await mkdtemp(join(tmpdir(), "dunlin-bubblewrap-"));
  const another = (options: Partial<BubblewrapProviderOptions> = {}) =>
    createBubblewrapProvider({ stateFolder, log: createLog("warn"), ...options });
  const provider = another();
  return {
    stateFolder,
    provider,
    another,
    report: await provider.probe(),
    unfit: await whyUnfit(),
    async close() {
      const left = await provider.list({});
      for (const { id } of left) await provider.destroy(id);
      await rm(stateFolder, { recursive: true, force: true });
      if (left.length > 0) throw new Error(`Sandboxes were left: ${JSON.stringify(left)}`);
    },
  };
}

/** Where bubblewrap can't be used, the name says why and the tests are shown as skipped. */
export function describeOn({ unfit }: Ground, name: string, body: () => void): void {
  const reason = unfit === "" ? "" : ` (skipped: ${unfit})`;
  describe.skipIf(unfit !== "")(`${name}${reason}`, body);
}

/** Asked without the provider: one that is broken must not look like a machine that can't. */
async function whyUnfit(): Promise<string> {
  const host = await lookAtHost(`trial-${randomUUID()}`);
  if (typeof host === "string") return host;
  const bwrap = ["bwrap", "--bind", "/", "/", "--unshare-pid", "--unshare-net", "--proc", "/proc"];
  try {
    await promisify(execFile)("unshare", [
      "--user",
      "--map-root-user",
      "--mount",
      ...bwrap,
      "true",
    ]);
    return "";
  } catch (error) {
    return String(error);
  }
}

export type TextResult = Pick<ExecResult, "end" | "exitCode"> & {
  readonly out: string;
  readonly err: string;
};

/** Runs a shell script; the time is generous because the machine may be busy. */
export async function sh(
  sandbox: Sandbox,
  script: string,
  options: Partial<ExecOptions> = {},
): Promise<TextResult> {
  const argv = ["/bin/sh", "-c", script];
  const { end, exitCode, stdout, stderr } = await sandbox.exec(argv, {
    timeoutMs: 120_000,
    ...options,
  });
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { end, exitCode, out: text(stdout), err: text(stderr) };
}

/** The control groups of a sandbox that are there, wherever they are mounted. */
export async function groupsOf(id: string): Promise<readonly string[]> {
  const names = await readdir("/sys/fs/cgroup", { withFileTypes: true });
  const folders = ["", ...names.filter((entry) => entry.isDirectory()).map(({ name }) => name)];
  const found = await Promise.all(
    folders.map(async (folder) => {
      const path = join("/sys/fs/cgroup", folder);
      const entries = await readdir(path).catch((): string[] => []);
      return entries.filter((entry) => entry === `dunlin-${id}`).map((entry) => join(path, entry));
    }),
  );
  return found.flat();
}
