import { Failure } from "../errors.ts";
import type { SandboxLimits } from "./sandbox.ts";

/** What stands between a command and the host, from the weakest to the strongest. */
export type IsolationKind =
  | "process"
  | "container"
  | "user-namespace"
  | "sysbox"
  | "gvisor"
  | "kata"
  | "microvm";

/** What a provider can do on this machine, as its probe found it. The rest every provider can. */
export type Capabilities = {
  readonly isolation: IsolationKind;
  /** The processor is emulated: slow, and no boundary that the emulator's makers defend. */
  readonly emulated: boolean;
  /** `pause` stops every process and keeps its memory. */
  readonly pause: boolean;
  /** `snapshot`, `fork` and a start from a snapshot. */
  readonly snapshot: boolean;
  /** A sandbox made with `outlivesProcess` is found again by `connect`. */
  readonly reconnect: boolean;
  /** Limits that the kernel holds; one that isn't listed is not held at all, or by a watchdog that comes too late. */
  readonly limits: readonly (keyof SandboxLimits)[];
};

/** What a caller can't do without; whatever is left out is not asked for. */
export type Requirements = {
  /** Any of these will do. */
  readonly isolation?: readonly IsolationKind[];
  readonly native?: true;
  readonly pause?: true;
  readonly snapshot?: true;
  readonly reconnect?: true;
  readonly limits?: readonly (keyof SandboxLimits)[];
};

/** One sentence for each requirement that isn't met. */
export function unmetRequirements(has: Capabilities, wanted: Requirements): readonly string[] {
  const unmet: string[] = [];
  if (wanted.isolation !== undefined && !wanted.isolation.includes(has.isolation)) {
    unmet.push(`The isolation is ${has.isolation} instead of ${wanted.isolation.join(" or ")}.`);
  }
  if (wanted.native === true && has.emulated) unmet.push("The processor is emulated.");
  for (const name of ["pause", "snapshot", "reconnect"] as const) {
    if (wanted[name] === true && !has[name]) unmet.push(`There is no ${name}.`);
  }
  for (const limit of wanted.limits ?? []) {
    if (!has.limits.includes(limit)) unmet.push(`Nothing holds the limit ${limit}.`);
  }
  return unmet;
}

/** Throws `invalid-request/requirement-not-met` with all that is missing; to be called before anything is made. */
export function meetRequirements(
  provider: string,
  has: Capabilities,
  wanted: Requirements | undefined,
): void {
  const unmet = wanted === undefined ? [] : unmetRequirements(has, wanted);
  if (unmet.length === 0) return;
  throw new Failure(
    "invalid-request",
    "requirement-not-met",
    `The provider ${provider} can't make such a sandbox on this machine. ${unmet.join(" ")} Ask for less, or choose another provider or runtime.`,
  );
}
