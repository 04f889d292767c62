import type { Refused, Reservation, SpendingLimits, Spent } from "./store.ts";

/** What is counted already, without the reservation itself. */
export type Counted = {
  readonly run: Spent;
  readonly repositoryDay: Spent;
  readonly totalDay: Spent;
};

/** The first limit that the reservation would pass, if any. */
export function refusalOf(
  wanted: Reservation,
  counted: Counted,
  limits: SpendingLimits,
): Refused | undefined {
  const checks: readonly (readonly [Refused["limit"], number, number, number])[] = [
    ["run-cost", counted.run.costUsd, wanted.costUsd, limits.runUsd],
    ["run-tokens", counted.run.tokens, wanted.tokens, limits.runTokens],
    ["repository-day-cost", counted.repositoryDay.costUsd, wanted.costUsd, limits.repositoryDayUsd],
    ["total-day-cost", counted.totalDay.costUsd, wanted.costUsd, limits.totalDayUsd],
  ];
  const passed = checks.find(([, used, more, allowed]) => used + more > allowed);
  return passed && { limit: passed[0], used: passed[1], allowed: passed[3] };
}
