import { Failure } from "../errors.ts";
import { redact } from "./redact.ts";

type Answer = {
  readonly status: number;
  readonly message: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly doing: string;
};

/**
 * A failed request as a Failure that quotes GitHub's own reason. `doing` completes "GitHub refused to …". A Failure
 * passes unchanged; whatever is no answer of GitHub's is returned as it is.
 */
export function gitHubFailure(error: unknown, doing: string): unknown {
  if (error instanceof Failure || !(error instanceof Error)) return error;
  const status = "status" in error && typeof error.status === "number" ? error.status : undefined;
  if (status === undefined) return isTimeout(error) ? unavailable(error, "no answer", {}) : error;
  const headers = headersOf(error);
  const answer = { status, message: reasonOf(error), headers, doing };
  return isTransient(answer) ? unavailable(error, answer.message, headers) : refused(error, answer);
}

export function statusOf(error: unknown): number | undefined {
  return error instanceof Error && "status" in error && typeof error.status === "number"
    ? error.status
    : undefined;
}

/** Seconds that GitHub asked to wait, if it did. `nowMs` is needed for the end of a used-up quota. */
export function retryAfterSeconds(error: unknown, nowMs: number): number | undefined {
  if (!(error instanceof Error)) return undefined;
  const headers = headersOf(error);
  const asked = Number(headers["retry-after"]);
  if (headers["retry-after"] !== undefined && Number.isFinite(asked)) return Math.max(0, asked);
  const reset = Number(headers["x-ratelimit-reset"]);
  if (headers["x-ratelimit-remaining"] !== "0" || !Number.isFinite(reset)) return undefined;
  return Math.max(0, Math.ceil(reset - nowMs / 1000) + 1);
}

/** What a rejected app JWT tells about this machine's clock. Empty when it is right within half a minute. */
export function clockHint(error: unknown, nowMs: number): string {
  const theirs = error instanceof Error ? Date.parse(headersOf(error)["date"] ?? "") : Number.NaN;
  const offSeconds = Math.round((nowMs - theirs) / 1000);
  if (Number.isNaN(offSeconds) || Math.abs(offSeconds) < 30) return "";
  const amount = `${Math.abs(offSeconds)} seconds`;
  return ` This machine's clock is ${amount} ${offSeconds > 0 ? "ahead of" : "behind"} GitHub's: set it right.`;
}

function isTransient({ status, message, headers }: Answer): boolean {
  if (status === 501) return false;
  if (status >= 500 || status === 429 || status === 408) return true;
  if (status !== 403) return false;
  return (
    headers["retry-after"] !== undefined ||
    headers["x-ratelimit-remaining"] === "0" ||
    /secondary rate limit|abuse detection/i.test(message)
  );
}

function unavailable(cause: Error, reason: string, headers: Answer["headers"]): Failure {
  const wait = headers["retry-after"];
  return new Failure(
    "unavailable",
    "github-unavailable",
    `GitHub can't be reached or asks to wait ("${reason}"). Check the network and GITHUB_API_URL.`,
    { cause, details: wait === undefined ? {} : { retryAfterSeconds: Number(wait) } },
  );
}

function refused(cause: Error, { status, message, doing }: Answer): Failure {
  const said = `GitHub refused to ${doing}: "${message}" (${status}).`;
  const details = { status };
  if (status === 401) {
    const text = `${said} Check the App's id and private key, and that the App is not suspended.`;
    return new Failure("not-permitted", "credentials-rejected", text, { cause, details });
  }
  if (status === 404 || status === 410) {
    const text = `${said} It was deleted or moved, or Dunlin may not see it: check the App's installation.`;
    return new Failure("not-permitted", "not-found", text, { cause, details });
  }
  if (status === 422 || status === 400) {
    return new Failure(
      "invalid-request",
      "github-rejected",
      `${said} Change that, then ask again.`,
      {
        cause,
        details,
      },
    );
  }
  const text = `${said} Check the App's permissions and the repository's rules, then ask again.`;
  return new Failure("not-permitted", "github-refused", text, { cause, details });
}

function isTimeout(error: Error): boolean {
  return error.name === "TimeoutError" || error.name === "AbortError";
}

function headersOf(error: Error): Readonly<Record<string, string | undefined>> {
  const response: unknown = "response" in error ? error.response : undefined;
  if (typeof response !== "object" || response === null || !("headers" in response)) return {};
  return (response.headers ?? {}) as Readonly<Record<string, string | undefined>>;
}

/** GitHub's sentence on one line; an HTML page of a proxy without its tags. */
function reasonOf(error: Error): string {
  const text = error.message
    .replace(/<(style|script)\b[\s\S]*?<\/\1>|<[^>]*>/gi, " ")
    .replace(/ - https:\/\/docs\.github\.com\S*/, "")
    .replace(/[\s"]+/g, " ");
  return redact(text).trim().slice(0, 300) || "no reason given";
}
