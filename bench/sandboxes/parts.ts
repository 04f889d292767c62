import type { Finding } from "../finding.ts";
import { type App, type GetApp, prepareApp } from "./app.ts";
import { measureClaim } from "./claim.ts";
import { measureDependencies } from "./dependencies.ts";
import { measureExec } from "./exec.ts";
import { measureFork } from "./fork.ts";
import { measureMemory } from "./memory.ts";
import { measureMicrovm } from "./microvm.ts";
import { measureResume } from "./resume.ts";
import { measureTimeout } from "./timeout.ts";
import { measureTogether } from "./together.ts";
import { measureWorkspace } from "./workspace.ts";

type Part = {
  /** Fewer where a round takes seconds. */
  readonly rounds: number;
  measure(runtime: string, rounds: number, getApp: GetApp): Promise<readonly Finding[]>;
};

/** What is measured of sandboxes as such, once on each container runtime. */
const PARTS: Readonly<Record<string, Part>> = {
  claim: { rounds: 30, measure: measureClaim },
  workspace: { rounds: 30, measure: measureWorkspace },
  fork: { rounds: 30, measure: measureFork },
  dependencies: { rounds: 5, measure: measureDependencies },
  resume: { rounds: 5, measure: measureResume },
  together: { rounds: 30, measure: measureTogether },
  timeout: { rounds: 30, measure: measureTimeout },
  memory: { rounds: 1, measure: measureMemory },
  exec: { rounds: 30, measure: measureExec },
};
const MICROVM = "microvm";
const MICROVM_ROUNDS = 5;

export const SANDBOX_PARTS: readonly string[] = [...Object.keys(PARTS), MICROVM];

export type SandboxFigures = {
  readonly findings: readonly Finding[];
  readonly notMeasured: readonly string[];
};

/** `rounds` replaces each part's own number. */
export async function measureSandboxes(
  wanted: readonly string[],
  runtimes: readonly string[],
  rounds: number | undefined,
  show: (finding: Finding) => void,
): Promise<SandboxFigures> {
  const findings: Finding[] = [];
  const add = (found: readonly Finding[]) => {
    findings.push(...found);
    found.forEach(show);
  };
  const parts = Object.entries(PARTS).filter(([name]) => wanted.includes(name));
  let app: Promise<App> | undefined;
  const getApp = () => {
    app ??= prepareApp();
    return app;
  };
  for (const runtime of runtimes) {
    for (const [, part] of parts) {
      add(await part.measure(runtime, rounds ?? part.rounds, getApp));
    }
  }
  if (!wanted.includes(MICROVM)) return { findings, notMeasured: [] };
  const found = await measureMicrovm(rounds ?? MICROVM_ROUNDS);
  if (typeof found === "string") return { findings, notMeasured: [`${MICROVM}: ${found}`] };
  add(found);
  return { findings, notMeasured: [] };
}
