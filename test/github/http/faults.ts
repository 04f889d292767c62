/** What goes wrong with the next requests that match. */
export type FaultOptions = {
  readonly method?: string;
  /** Tested against the path with its query, for example `/\/issues\/\d+\/comments$/`. */
  readonly path: RegExp;
  /** How many requests it hits; 1 unless said. */
  readonly times?: number;
  /** Answered instead of doing anything. */
  readonly status?: number;
  readonly delayMs?: number;
  /** Do it, then cut the connection instead of answering. */
  readonly loseAnswer?: boolean;
  /** Seconds for the `retry-after` header; with status 403 or 429 it reads as GitHub's secondary rate limit. */
  readonly retryAfter?: number;
};

export type Fault = FaultOptions & {
  /** How many requests it has hit. */
  hits: number;
};

export class Faults {
  readonly #faults: Fault[] = [];

  add(options: FaultOptions): Fault {
    const fault: Fault = { ...options, hits: 0 };
    this.#faults.push(fault);
    return fault;
  }

  /** The first fault that still has hits for this request; it is used up by one. */
  take(method: string, path: string): Fault | undefined {
    const fault = this.#faults.find(
      (one) =>
        one.hits < (one.times ?? 1) &&
        (one.method ?? method) === method &&
        new RegExp(one.path.source, one.path.flags.replace(/[gy]/g, "")).test(path),
    );
    if (fault) fault.hits += 1;
    return fault;
  }
}

export function faultBody(fault: Fault): { readonly message: string } {
  const limited = fault.retryAfter !== undefined && [403, 429].includes(fault.status ?? 0);
  return {
    message: limited
      ? "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
      : "Server Error",
  };
}
