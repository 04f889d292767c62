import type { ProbotOctokit } from "probot";
import { toFailure } from "../errors.ts";
import type { Log } from "../log.ts";
import { gitHubFailure } from "./failures.ts";

/** GitHub keeps deliveries no longer, and never sends one again by itself. */
const KEPT_MS = 3 * 24 * 3600_000;
const MOST = 1_000;
/** Nothing follows from any other. */
const EVENTS = new Set(["issues", "issue_comment"]);

type Attempt = {
  readonly id: number;
  readonly guid: string;
  readonly delivered_at: string;
  readonly status_code: number;
  readonly event: string;
};

/**
 * Asks GitHub to send again what nobody took while Dunlin was away, oldest first. Gives how many it asked for. A
 * GitHub that can't be asked is logged and leaves it at that: the next start asks again.
 */
export async function askForMissed(app: ProbotOctokit, nowMs: number, log: Log): Promise<number> {
  try {
    const missed = findMissed(await attemptsSince(app, nowMs - KEPT_MS));
    for (const { id } of missed) {
      await app.rest.apps.redeliverWebhookDelivery({ delivery_id: id });
    }
    if (missed.length > 0) log.info({ count: missed.length }, "missed deliveries asked for again");
    return missed.length;
  } catch (error) {
    const failure = toFailure(gitHubFailure(error, "list the deliveries that were missed"));
    log.warn({ code: failure.code, error: failure.message }, "missed deliveries not asked for");
    return 0;
  }
}

/** Newest first. */
async function attemptsSince(app: ProbotOctokit, sinceMs: number): Promise<readonly Attempt[]> {
  const attempts: Attempt[] = [];
  const pages = app.paginate.iterator(app.rest.apps.listWebhookDeliveries, { per_page: 100 });
  for await (const { data } of pages) {
    const recent = data.filter((attempt) => Date.parse(attempt.delivered_at) >= sinceMs);
    attempts.push(...recent);
    if (recent.length < data.length || attempts.length >= MOST) break;
  }
  return attempts;
}

/** The last attempt of each delivery that was never answered with success. */
function findMissed(attempts: readonly Attempt[]): readonly Attempt[] {
  const taken = new Set(
    attempts.filter(({ status_code: code }) => code >= 200 && code < 300).map(({ guid }) => guid),
  );
  const last = new Map<string, Attempt>();
  for (const attempt of attempts) {
    if (taken.has(attempt.guid) || !EVENTS.has(attempt.event)) continue;
    if (!last.has(attempt.guid)) last.set(attempt.guid, attempt);
  }
  return [...last.values()].reverse();
}
