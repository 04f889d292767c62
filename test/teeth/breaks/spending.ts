// biome-ignore-all lint/suspicious/noTemplateCurlyInString: lines of source, not templates
import type { Break } from "../break.ts";

const ASK = { file: "src/run/ask-model.ts", test: "test/unit/run/ask-model.test.ts" };
const LIMITS = { file: "src/run/spending.ts", test: "test/unit/run/spending.test.ts" };
const STORE = {
  file: "src/run/stores/postgres-run-store.ts",
  test: "test/integration/run-stores.test.ts",
};
const DISPATCH = { file: "src/run/dispatch.ts", test: "test/unit/run/dispatch.test.ts" };

const limit = (id: string, find: string, replace: string): Break => ({
  ...LIMITS,
  id: `limit-${id}`,
  promise: "every-limit",
  find,
  replace,
  name: `is refused by ${id}`,
});

/** Spending is bounded. */
export const spendingBreaks: readonly Break[] = [
  {
    ...ASK,
    id: "not-counted",
    promise: "reserve-first",
    find: "{ signal, onAttempt, onFailedAttempt }",
    replace: "{ signal, onFailedAttempt }",
    name: "counts an upper estimate before",
  },
  {
    ...ASK,
    id: "refusal-ignored",
    promise: "reserve-first",
    find: "if (refused !== undefined) throw limitReached(refused);",
    replace: "",
    name: "sends nothing that could pass the limit run-cost",
  },
  {
    ...ASK,
    id: "output-not-reserved",
    promise: "reserve-first",
    file: "src/agent/pricing.ts",
    find: "(inputTokens * price.inputUsd + maxOutputTokens * price.outputUsd) / 1_000_000",
    replace: "(inputTokens * price.inputUsd) / 1_000_000 + 0 * maxOutputTokens",
    name: "counts an upper estimate before",
  },
  {
    ...ASK,
    id: "not-settled",
    promise: "settle",
    find: 'await store.settle(attempts.at(-1) ?? "", {',
    replace: 'await store.settle("", {',
    name: "then what was used",
  },
  {
    ...ASK,
    id: "attempts-share-a-key",
    promise: "settle",
    find: "`${run.request.id}/${turn}/${newId()}`",
    replace: "`${run.request.id}/${turn}/${newId().length}`",
    name: "keeps an attempt that broke off counted",
  },
  {
    ...STORE,
    id: "estimate-stays",
    promise: "settle",
    find: '"UPDATE dunlin.spending SET cost_usd = $2, tokens = $3, settled = true WHERE key = $1"',
    replace: '"UPDATE dunlin.spending SET settled = true WHERE key = $1 AND $2 >= 0.0 AND $3 >= 0"',
    name: "counts the estimate until it is settled",
  },
  limit("run-cost", '["run-cost", counted.run.costUsd,', '["run-cost", 0,'),
  limit("run-tokens", '["run-tokens", counted.run.tokens,', '["run-tokens", 0,'),
  limit("repository-day-cost", "limits.repositoryDayUsd]", "limits.repositoryDayUsd * 9]"),
  limit("total-day-cost", "limits.totalDayUsd]", "limits.totalDayUsd * 9]"),
  {
    ...STORE,
    id: "day-not-summed",
    promise: "every-limit",
    find: 'await spent(client, "day = $1 AND key <> $2"',
    replace: 'await spent(client, "day < $1 AND key <> $2"',
    name: "holds the limits of a repository's day and of the whole day",
  },
  {
    id: "no-limit-by-default",
    promise: "every-limit",
    file: "src/config.ts",
    find: '"Most a run may cost", schema: money, default: "3"',
    replace: '"Most a run may cost", schema: money, default: "3000"',
    test: "test/unit/config.test.ts",
    name: "have bounds on spending",
  },
  {
    id: "setting-not-passed-on",
    promise: "every-limit",
    file: "src/compose.ts",
    find: "totalDayUsd: config.DUNLIN_DAY_USD,",
    replace: "totalDayUsd: Number.MAX_VALUE,",
    test: "test/unit/compose.test.ts",
    name: "gives each bound",
  },
  {
    id: "unknown-is-cheap",
    promise: "unknown-price",
    file: "src/agent/pricing.ts",
    find: "{ inputUsd: 10, cachedInputUsd: 10, outputUsd: 50 }",
    replace: "{ inputUsd: 1, cachedInputUsd: 1, outputUsd: 5 }",
    test: "test/unit/agent/pricing.test.ts",
    name: "an unknown model",
  },
  {
    id: "uncounted-is-free",
    promise: "unknown-price",
    file: "src/agent/models/chat-wire.ts",
    find: "outputTokens: maxOutputTokens,",
    replace: "outputTokens: 0 * maxOutputTokens,",
    test: "test/unit/agent/models/chat-wire.test.ts",
    name: "charged at the upper estimate",
  },
  {
    id: "one-turn-more",
    promise: "turns-limit",
    file: "src/agent/loop.ts",
    find: "turn <= task.limits.turns",
    replace: "turn <= task.limits.turns + 1",
    test: "test/unit/agent/loop.test.ts",
    name: "stopped at the limit of turns",
  },
  {
    id: "time-not-up",
    promise: "time-limit",
    file: "src/run/stores/watch-run.ts",
    find: "Date.now() >= deadlineMs()",
    replace: "Date.now() >= 2 * deadlineMs()",
    test: "test/unit/run/stores/watch-run.test.ts",
    name: "when its time is over",
  },
  {
    ...DISPATCH,
    id: "full-is-queued",
    promise: "queue-limit",
    find: 'if (created === "full") {',
    replace: 'if (created === "full" && maxOpenPerRepository < 1) {',
    name: "beyond the repository's queue",
  },
  {
    ...STORE,
    id: "queue-not-counted",
    promise: "queue-limit",
    find: "if (rows.length >= maxOpen)",
    replace: "if (rows.length > maxOpen)",
    name: "at most N a repository",
  },
];
