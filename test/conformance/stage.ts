import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { mountsBelow, unmountLater } from "../../src/sandbox/providers/docker/workspaces/mounts.ts";
import { CANARY } from "./canary.ts";
import type { Stage } from "./context.ts";
import { openOutside } from "./outside.ts";
import { providerNamed } from "./providers.ts";

export type OpenStage = Stage & AsyncDisposable & { readonly runtime: string };

/** Probes the provider and opens the world around it; throws when it can't make sandboxes here. */
export async function openStage(name: string, runtime: string | undefined): Promise<OpenStage> {
  const entry = providerNamed(name);
  process.env["DUNLIN_CONFORMANCE"] = CANARY;
  const outside = await openOutside();
  const { dialler, privateOrigins } = outside;
  const stateFolder = await mkdtemp("/var/tmp/dunlin-conformance-");
  const chosen = runtime === undefined ? {} : { runtime };
  const settings = { dialler, privateOrigins, stateFolder, ...chosen };
  const provider = entry.create(settings);
  const labels = { conformance: randomUUID() };
  const close = async () => {
    await outside[Symbol.asyncDispose]();
    try {
      // One that can't be destroyed must not keep the others.
      const all = (await provider.list(labels)).map(({ id }) => provider.destroy(id));
      await Promise.allSettled(all);
      await Promise.all(all);
    } finally {
      for (const mount of (await mountsBelow(stateFolder)).toReversed()) await unmountLater(mount);
      await rm(stateFolder, { recursive: true, force: true });
    }
  };
  const report = await provider.probe();
  if (report.capabilities === undefined) {
    await close();
    throw new Error(`${name} can't be asked here. ${report.findings.join(" ")}`);
  }
  return {
    provider,
    another: entry.create(settings),
    runtime: report.runtime,
    capabilities: report.capabilities,
    outside,
    labels,
    abandon: (spec) => abandon([name, report.runtime, stateFolder], spec),
    processorMs: entry.processorMs,
    [Symbol.asyncDispose]: close,
  };
}

async function abandon(
  how: readonly string[],
  spec: Parameters<Stage["abandon"]>[0],
): Promise<string> {
  const file = join(import.meta.dirname, "owner.ts");
  const args = [file, ...how, JSON.stringify(spec)];
  const owner = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  try {
    return await firstLine(owner);
  } finally {
    const gone = owner.exitCode === null ? once(owner, "exit") : undefined;
    owner.kill("SIGKILL");
    await gone;
  }
}

async function firstLine({ stdout }: ChildProcess): Promise<string> {
  let said = "";
  for await (const chunk of stdout ?? []) {
    said += chunk;
    if (said.includes("\n")) break;
  }
  if (!said.includes("\n")) throw new Error("The process that was to make a sandbox made none.");
  return said.trim();
}
