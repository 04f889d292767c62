import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ProbeReport, SandboxProvider } from "../../../src/sandbox/sandbox.ts";
import type { AttackCase } from "./attack-case.ts";
import { openHost } from "./host.ts";
import { openInternet } from "./hosts.ts";
import { PROVIDERS } from "./providers.ts";
import { type CaseResult, runCase } from "./run-case.ts";
import { AttackedSandboxes } from "./sandboxes.ts";

export type SuiteResult = {
  readonly provider: string;
  readonly probe: ProbeReport;
  readonly results: readonly CaseResult[];
  /** What was left of sandboxes that several attacks used. */
  readonly left: readonly string[];
};

export type Wanted = {
  readonly provider: string;
  readonly runtime?: string;
  readonly cases: readonly AttackCase[];
  readonly onResult?: (result: CaseResult) => void;
};

/** Lets every case loose on one provider, one after another. Throws where no sandbox can be made. */
export async function runSuite({ provider: name, runtime, cases, onResult }: Wanted) {
  const make = PROVIDERS[name];
  if (make === undefined) {
    throw new Error(
      `There is no provider ${name}; there are ${Object.keys(PROVIDERS).join(", ")}.`,
    );
  }
  await using internet = await openInternet();
  await using host = await openHost();
  await using state = await openStateFolder();
  const provider = make({
    dialler: internet.dialler,
    stateFolder: state.path,
    ...(runtime === undefined ? {} : { runtime }),
  });
  const probe = await probed(provider);
  const sandboxes = new AttackedSandboxes(provider);
  const arena = { host, internet, sandboxes, isolation: probe.isolation };
  const results: CaseResult[] = [];
  let left: readonly string[] = [];
  try {
    if (cases.some(({ boundedMemory }) => boundedMemory)) await warmUp(sandboxes);
    for (const attack of cases) {
      const result = await runCase(attack, arena);
      results.push(result);
      onResult?.(result);
    }
  } finally {
    left = await sandboxes.endAll();
  }
  return { provider: name, probe: probe.report, results, left } satisfies SuiteResult;
}

/** A process's first flood grows its heap to its working size, however long the flood is; that isn't measured. */
async function warmUp(sandboxes: AttackedSandboxes): Promise<void> {
  const { sandbox } = await sandboxes.shared(false);
  await sandbox.exec(["sh", "-c", "yes"], { timeoutMs: 30_000 });
}

async function openStateFolder() {
  const path = await mkdtemp(join(tmpdir(), "attacked-state-"));
  return {
    path,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

async function probed(provider: SandboxProvider) {
  const report = await provider.probe();
  if (!report.ok || report.capabilities === undefined) {
    throw new Error(`${provider.name} makes no sandboxes here. ${report.findings.join(" ")}`);
  }
  return { report, isolation: report.capabilities.isolation };
}

/** Whether anything happened that must not. */
export function isBreached({ results, left }: Pick<SuiteResult, "results" | "left">): boolean {
  const bad = ["ESCAPED", "LEAKED", "STUCK", "UNPROVEN"];
  return left.length > 0 || results.some(({ outcome }) => bad.includes(outcome));
}
