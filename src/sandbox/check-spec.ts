import { Failure } from "../errors.ts";
import type { Log } from "../log.ts";
import { checkEgress } from "./egress-origin.ts";
import type { SandboxLimits, SandboxSpec } from "./sandbox.ts";

type Bound = {
  readonly setting: string;
  readonly min: number;
  readonly max: number;
  readonly whole: boolean;
};

const MAX_MIB = 4 * 1024 ** 2;
const MAX_PIDS = 4 * 1024 ** 2;

const BOUNDS: Readonly<Record<keyof SandboxLimits, Bound>> = {
  cpus: { setting: "DUNLIN_CPUS", min: 0.01, max: 4096, whole: false },
  memoryMiB: { setting: "DUNLIN_MEMORY_MIB", min: 16, max: MAX_MIB, whole: true },
  pids: { setting: "DUNLIN_PIDS", min: 8, max: MAX_PIDS, whole: true },
  workspaceMiB: { setting: "DUNLIN_WORKSPACE_MIB", min: 1, max: MAX_MIB, whole: true },
};

/**
 * Engines take a limit of nothing for no limit at all, so what isn't a sensible number is refused before anything is
 * made. Throws `invalid-request/bad-limits` and, for a network that can't be meant, `invalid-request/bad-egress`.
 */
export function checkSpec({
  limits,
  maxLifetimeMs,
  egress,
}: Pick<SandboxSpec, "limits" | "maxLifetimeMs" | "egress">): void {
  checkEgress(egress);
  const wrong = (Object.keys(BOUNDS) as (keyof SandboxLimits)[])
    .filter((name) => !isWithin(limits[name], BOUNDS[name]))
    .map((name) => describe(name, BOUNDS[name]));
  const life = { min: 1, max: Number.MAX_SAFE_INTEGER, whole: false };
  if (!isWithin(maxLifetimeMs, life)) wrong.push("maxLifetimeMs a number from 1");
  if (wrong.length === 0) return;
  throw new Failure(
    "invalid-request",
    "bad-limits",
    `A sandbox can't be made with such limits: make ${wrong.join(", and ")}.`,
  );
}

/** Gives what a machine can hold of a spec. */
export type SpecFit = <S extends Pick<SandboxSpec, "limits">>(spec: S, processors: number) => S;

/**
 * More processors than there are is no limit, and engines refuse it; so it is taken for all of them, and told once. A
 * spec that was written for a larger machine works on this one too.
 */
export function createSpecFit(log: Log): SpecFit {
  let told = false;
  return (spec, processors) => {
    const { cpus } = spec.limits;
    if (cpus <= processors) return spec;
    if (!told) log.warn({ wanted: cpus, processors }, "sandboxes get all processors, and no more");
    told = true;
    return { ...spec, limits: { ...spec.limits, cpus: processors } };
  };
}

function describe(name: string, { setting, min, max, whole }: Bound): string {
  return `${name} (${setting}) a ${whole ? "whole " : ""}number from ${min} to ${max}`;
}

function isWithin(number: unknown, { min, max, whole }: Omit<Bound, "setting">): boolean {
  if (typeof number !== "number" || (whole && !Number.isInteger(number))) return false;
  return number >= min && number <= max;
}
