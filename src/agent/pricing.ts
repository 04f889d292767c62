import type { Usage } from "./model.ts";

/** US dollars per million tokens. */
export type Price = {
  readonly inputUsd: number;
  readonly cachedInputUsd: number;
  readonly outputUsd: number;
};

export type PriceSource = "operator" | "table" | "default";

/** Public list prices as of November 2026; names may carry a vendor prefix and a date. */
const TABLE: readonly (readonly [string, number, number, number])[] = [
  ["gpt-5.4", 2.5, 0.25, 15],
  ["gpt-5.4-mini", 0.75, 0.075, 4.5],
  ["gpt-5.2", 1.75, 0.175, 14],
  ["gpt-5.1", 1.25, 0.125, 10],
  ["gpt-5", 1.25, 0.125, 10],
  ["gpt-5-mini", 0.25, 0.025, 2],
  ["gpt-5-nano", 0.05, 0.005, 0.4],
  ["gpt-4.1", 2, 0.5, 8],
  ["gpt-4.1-mini", 0.4, 0.1, 1.6],
  ["gpt-4.1-nano", 0.1, 0.025, 0.4],
  ["gpt-4o", 2.5, 1.25, 10],
  ["gpt-4o-mini", 0.15, 0.075, 0.6],
  ["o3", 2, 0.5, 8],
  ["o4-mini", 1.1, 0.275, 4.4],
];

/** Above most models, so that an unknown one can't spend more than the budget says. */
const UNKNOWN: Price = { inputUsd: 10, cachedInputUsd: 10, outputUsd: 50 };

/** What a model costs. `default` is a guess on the high side: tell the operator to set the price. */
export function priceOf(
  model: string,
  operator?: Price,
): { readonly price: Price; readonly source: PriceSource } {
  if (operator !== undefined) return { price: operator, source: "operator" };
  const name = model
    .toLowerCase()
    .slice(model.lastIndexOf("/") + 1)
    .replace(/-\d{4}-\d{2}-\d{2}$/, "");
  const row = TABLE.find(([known]) => known === name);
  if (row === undefined) return { price: UNKNOWN, source: "default" };
  const [, inputUsd, cachedInputUsd, outputUsd] = row;
  return { price: { inputUsd, cachedInputUsd, outputUsd }, source: "table" };
}

/** What a request can cost at most: nothing cached, the whole output used. */
export function upperCostUsd(price: Price, inputTokens: number, maxOutputTokens: number): number {
  return (inputTokens * price.inputUsd + maxOutputTokens * price.outputUsd) / 1_000_000;
}

export function costUsd(price: Price, usage: Usage): number {
  const cached = Math.min(usage.cachedInputTokens, usage.inputTokens);
  const fresh = usage.inputTokens - cached;
  const input = fresh * price.inputUsd + cached * price.cachedInputUsd;
  return (input + usage.outputTokens * price.outputUsd) / 1_000_000;
}
