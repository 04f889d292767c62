import { describe, expect, it } from "vitest";
import { refusalOf } from "../../../src/run/spending.ts";
import type { Reservation } from "../../../src/run/store.ts";

const none = { costUsd: 0, tokens: 0, requests: 0 };
const counted = { run: none, repositoryDay: none, totalDay: none };
const limits = { runUsd: 1, runTokens: 100, repositoryDayUsd: 2, totalDayUsd: 3 };
const wanted: Reservation = {
  key: "k",
  runId: "r",
  repositoryId: 1,
  day: "2026-01-01",
  costUsd: 0.5,
  tokens: 50,
};

describe("a reservation", () => {
  it("fits exactly up to each limit", () => {
    const full = {
      run: { ...none, costUsd: 0.5, tokens: 50 },
      repositoryDay: { ...none, costUsd: 1.5 },
      totalDay: { ...none, costUsd: 2.5 },
    };
    expect(refusalOf(wanted, full, limits)).toBeUndefined();
  });

  it.each([
    ["run-cost", { run: { ...none, costUsd: 0.51 } }],
    ["run-tokens", { run: { ...none, tokens: 51 } }],
    ["repository-day-cost", { repositoryDay: { ...none, costUsd: 1.51 } }],
    ["total-day-cost", { totalDay: { ...none, costUsd: 2.51 } }],
  ])("is refused by %s", (limit, over) => {
    expect(refusalOf(wanted, { ...counted, ...over }, limits)).toMatchObject({ limit });
  });
});
