import type { IsolationKind } from "../../../src/sandbox/capabilities.ts";
import type { SandboxLimits } from "../../../src/sandbox/sandbox.ts";
import type { CommandSeen, Observed, StepSeen } from "./attack-case.ts";

/** What every attacked sandbox gets; small, so that filling it is quick. */
export const LIMITS: SandboxLimits = { cpus: 1, memoryMiB: 768, pids: 256, workspaceMiB: 256 };

const OWN_KERNEL: readonly IsolationKind[] = ["gvisor", "kata", "microvm"];

/** Whether a system call that succeeds has not reached the host's kernel. */
export function isOwnKernel(isolation: IsolationKind): boolean {
  return OWN_KERNEL.includes(isolation);
}

/** An observation on the host's kernel, of a program that printed nothing but that it was done. */
export function made(some: Partial<Observed>): Observed {
  return {
    isolation: "container",
    limits: LIMITS,
    host: { name: "the-host", bootParameters: "the-boot-parameters" },
    command: seen("DONE\n"),
    steps: [],
    dialled: [],
    upstream: [],
    ...some,
  };
}

export function seen(out: string): CommandSeen {
  return { end: "exit", exitCode: 0, droppedBytes: 0, durationMs: 1, out, err: "" };
}

export function stepSeen(name: string, some: Partial<StepSeen>): StepSeen {
  return { name, end: "done", text: "", bytes: 0, ...some };
}
