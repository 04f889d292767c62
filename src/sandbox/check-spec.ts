import { Failure } from "../errors.ts";
import type { SandboxSpec } from "./sandbox.ts";

const MAX_MIB = 4 * 1024 ** 2;
const MAX_PIDS = 4 * 1024 ** 2;
const MAX_CPUS = 4096;

/**
 * Engines take a limit of nothing for no limit at all, so what isn't a sensible number is refused before anything is
 * made. Throws `invalid-request/bad-limits`.
 */
export function checkSpec({
  limits,
  maxLifetimeMs,
}: Pick<SandboxSpec, "limits" | "maxLifetimeMs">) {
  const { cpus, memoryMiB, pids, workspaceMiB } = limits;
  const wrong = [
    isWithin(cpus, 0.01, MAX_CPUS) ? [] : ["cpus (from 0.01)"],
    Number.isInteger(memoryMiB) && isWithin(memoryMiB, 16, MAX_MIB) ? [] : ["memoryMiB (from 16)"],
    Number.isInteger(pids) && isWithin(pids, 8, MAX_PIDS) ? [] : ["pids (from 8)"],
    Number.isInteger(workspaceMiB) && isWithin(workspaceMiB, 1, MAX_MIB)
      ? []
      : ["workspaceMiB (from 1)"],
    isWithin(maxLifetimeMs, 1, Number.MAX_SAFE_INTEGER) ? [] : ["maxLifetimeMs (from 1)"],
  ].flat();
  if (wrong.length === 0) return;
  throw new Failure(
    "invalid-request",
    "bad-limits",
    `A sandbox can't be made with such limits: give numbers for ${wrong.join(", ")}, whole ones but for cpus.`,
  );
}

function isWithin(number: unknown, min: number, max: number): boolean {
  return typeof number === "number" && number >= min && number <= max;
}
