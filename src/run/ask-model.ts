import type { FailedAttempt, ModelAnswer, ModelRequest } from "../agent/model.ts";
import { costUsd, upperCostUsd } from "../agent/pricing.ts";
import { Failure } from "../errors.ts";
import type { OpenRun } from "./open-run.ts";
import type { Refused } from "./store.ts";

/**
 * One answer of the model, paid for within the budget: an upper estimate is counted in the database before a request
 * leaves and replaced by what was used when the answer is there. An attempt that broke off stays counted, unless it
 * can't have been billed.
 */
export async function askModel(
  run: OpenRun,
  turn: number,
  request: ModelRequest,
  signal: AbortSignal,
): Promise<ModelAnswer> {
  const { model, price, store, limits, now, isoTime, newId } = run.ports;
  const inputTokens = model.estimateInputTokens(request);
  const attempts: string[] = [];
  const onAttempt = async () => {
    const key = `${run.request.id}/${turn}/${newId()}`;
    const refused = await store.reserve(
      {
        key,
        runId: run.request.id,
        repositoryId: run.request.repository.id,
        day: isoTime(now()).slice(0, 10),
        costUsd: upperCostUsd(price, inputTokens, request.maxOutputTokens),
        tokens: inputTokens + request.maxOutputTokens,
      },
      limits,
    );
    if (refused !== undefined) throw limitReached(refused);
    attempts.push(key);
  };
  const onFailedAttempt = async ({ why, isUnbilled, waitMs }: FailedAttempt) => {
    if (waitMs !== undefined) {
      run.note(`the model server gave no answer (${why}); again in ${Math.ceil(waitMs / 1000)} s`);
    }
    if (isUnbilled) await store.settle(attempts.at(-1) ?? "", NOTHING);
  };
  const answer = await model.complete(request, { signal, onAttempt, onFailedAttempt });
  const { usage } = answer;
  await store.settle(attempts.at(-1) ?? "", {
    costUsd: costUsd(price, usage),
    tokens: usage.inputTokens + usage.outputTokens,
  });
  return answer;
}

const NOTHING = { costUsd: 0, tokens: 0 };

const LIMITS: Readonly<Record<Refused["limit"], string>> = {
  "run-cost": "The next request could pass what a run may cost",
  "run-tokens": "The next request could pass the tokens that a run may use",
  "repository-day-cost":
    "The next request could pass what this repository's runs may cost in a day",
  "total-day-cost": "The next request could pass what all runs together may cost in a day",
};

function limitReached({ limit, used, allowed }: Refused): Failure {
  const figures =
    limit === "run-tokens"
      ? `${used} of ${allowed} tokens counted`
      : `$${used.toFixed(2)} of $${allowed.toFixed(2)} counted`;
  return new Failure("limit-reached", limit, `${LIMITS[limit]} (${figures}).`);
}
