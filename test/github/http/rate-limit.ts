import type { Identity } from "./access.ts";

const HOUR_MS = 3_600_000;

type Window = { used: number; readonly endsAtMs: number };

/** GitHub's primary rate limit: so many requests an hour for each installation, person or stranger. */
export class RateLimit {
  readonly #limit: number;
  readonly #windows = new Map<string, Window>();

  constructor(perHour: number) {
    this.#limit = perHour;
  }

  /** Counts one request; gives the headers to answer with and whether it was one too many. */
  count(identity: Identity): { readonly headers: Record<string, string>; readonly over: boolean } {
    const key = keyOf(identity);
    const now = Date.now();
    let window = this.#windows.get(key);
    if (!window || window.endsAtMs <= now) window = { used: 0, endsAtMs: now + HOUR_MS };
    this.#windows.set(key, window);
    const over = window.used >= this.#limit;
    if (!over) window.used += 1;
    const headers = {
      "x-ratelimit-limit": String(this.#limit),
      "x-ratelimit-remaining": String(this.#limit - window.used),
      "x-ratelimit-used": String(window.used),
      "x-ratelimit-reset": String(Math.ceil(window.endsAtMs / 1000)),
      "x-ratelimit-resource": "core",
    };
    return { headers, over };
  }
}

function keyOf(identity: Identity): string {
  if (identity.kind !== "token") return identity.kind;
  const { token } = identity;
  return token.kind === "installation"
    ? `installation ${token.installation.id}`
    : token.account.login;
}
