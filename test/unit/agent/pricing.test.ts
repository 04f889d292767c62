import { expect, test } from "vitest";
import { costUsd, priceOf, upperCostUsd } from "../../../src/agent/pricing.ts";

test.each([
  ["gpt-4.1", 2, "table"],
  ["openai/gpt-4.1-mini", 0.4, "table"],
  ["GPT-5-2025-08-07", 1.25, "table"],
  ["gpt-5-nano", 0.05, "table"],
  ["gpt-5-something-new", 10, "default"],
  ["my-own-model", 10, "default"],
] as const)("the price of %s", (model, inputUsd, source) => {
  const found = priceOf(model);
  expect([found.price.inputUsd, found.source]).toEqual([inputUsd, source]);
});

test("the operator's price wins, even when it is nothing", () => {
  const free = { inputUsd: 0, cachedInputUsd: 0, outputUsd: 0 };
  expect(priceOf("gpt-5", free)).toEqual({ price: free, source: "operator" });
});

test("an unknown model costs no less than any known one", () => {
  const unknown = priceOf("?").price;
  for (const model of ["gpt-5.4", "gpt-5.2", "gpt-5", "gpt-4o", "o3"]) {
    const { price } = priceOf(model);
    expect(unknown.inputUsd).toBeGreaterThanOrEqual(price.inputUsd);
    expect(unknown.outputUsd).toBeGreaterThanOrEqual(price.outputUsd);
  }
});

test("cached input is cheaper, and the upper bound is never below the cost", () => {
  const { price } = priceOf("gpt-4.1");
  const usage = { inputTokens: 1_000_000, cachedInputTokens: 500_000, outputTokens: 100_000 };
  const cost = costUsd(price, { ...usage, estimated: false });
  expect(cost).toBeCloseTo(1 + 0.25 + 0.8);
  expect(upperCostUsd(price, 1_000_000, 100_000)).toBeCloseTo(2.8);
});

test("a server that reports more cached than sent can't make a request cost less than nothing", () => {
  const { price } = priceOf("gpt-4.1");
  const usage = { inputTokens: 10, cachedInputTokens: 1_000, outputTokens: 0, estimated: false };
  expect(costUsd(price, usage)).toBeGreaterThanOrEqual(0);
});
