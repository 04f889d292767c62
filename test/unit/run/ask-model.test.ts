import { describe, expect, it } from "vitest";
import type { Model } from "../../../src/agent/model.ts";
import { askModel } from "../../../src/run/ask-model.ts";
import type { RunLimits } from "../../../src/run/open-run.ts";
import { openTestRun } from "../../fakes/open-run.ts";

const request = { messages: [], tools: [], maxOutputTokens: 2_000 };
const live = new AbortController().signal;
// Of 10,000 estimated input tokens at $10 and 2,000 output tokens at $50 a million.
const UPPER_USD = 0.2;

async function scene(limits: Partial<RunLimits> = {}) {
  const here = await openTestRun();
  const ports = { ...here.run.ports, limits: { ...here.run.ports.limits, ...limits } };
  return { ...here, run: { ...here.run, ports } };
}

describe("asking the model", () => {
  it("counts an upper estimate before the request leaves, then what was used", async () => {
    const { run, model, store } = await scene();
    let reservedAtSending: unknown;
    const complete = model.complete.bind(model);
    model.complete = async (asked, options) => {
      const given = await complete(asked, options);
      reservedAtSending = await store.spent(run.request.id);
      return given;
    };
    expect(await askModel(run, 1, request, live)).toMatchObject({ text: "done" });
    expect(reservedAtSending).toEqual({ costUsd: UPPER_USD, tokens: 12_000, requests: 1 });
    expect([...store.counted.values()]).toMatchObject([
      { settled: true, costUsd: 0.015, tokens: 1_100, day: "2026-11-23", repositoryId: 7 },
    ]);
  });

  it("keeps an attempt that broke off counted: it may have been billed", async () => {
    const { run, model, store } = await scene();
    model.attempts = 2;
    await askModel(run, 1, request, live);
    const [first, second] = [...store.counted.values()];
    expect(first).toMatchObject({ settled: false, costUsd: UPPER_USD });
    expect(second).toMatchObject({ settled: true, costUsd: 0.015 });
  });

  it("takes an attempt back that can't have been billed", async () => {
    const { run, model, store } = await scene();
    const complete = model.complete.bind(model);
    model.complete = async (asked, options: Parameters<Model["complete"]>[1]) => {
      await options.onAttempt?.();
      await options.onFailedAttempt?.({ why: "refused", isUnbilled: true, waitMs: 2_000 });
      return complete(asked, options);
    };
    await askModel(run, 1, request, live);
    expect(await store.spent(run.request.id)).toMatchObject({ costUsd: 0.015, tokens: 1_100 });
  });

  it.each<[string, Partial<RunLimits>, string]>([
    ["run-cost", { runUsd: 0.1 }, "$0.00 of $0.10"],
    ["run-tokens", { runTokens: 11_999 }, "0 of 11999 tokens"],
    ["repository-day-cost", { repositoryDayUsd: 0.1 }, "$0.00 of $0.10"],
    ["total-day-cost", { totalDayUsd: 0.1 }, "$0.00 of $0.10"],
  ])("sends nothing that could pass the limit %s, and says so", async (code, limits, figures) => {
    const { run, model, store } = await scene(limits);
    await expect(askModel(run, 1, request, live)).rejects.toMatchObject({
      kind: "limit-reached",
      code,
      message: expect.stringContaining(figures),
    });
    expect(model.requests).toEqual([]);
    expect(store.counted.size).toBe(0);
  });

  it("counts every request of a run, before and after a restart", async () => {
    const { run, model } = await scene({ runUsd: 0.22 });
    await askModel(run, 1, request, live);
    await askModel(run, 2, request, live);
    await expect(askModel({ ...run }, 3, request, live)).rejects.toMatchObject({
      code: "run-cost",
    });
    expect(model.requests).toHaveLength(2);
  });
});
