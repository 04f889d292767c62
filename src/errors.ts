/**
 * How the program reacts to a failure. `invalid-request`: tell the person how to fix it, never retry.
 * `not-permitted`: decline. `limit-reached`: stop and keep the work. `cancelled`: stop quietly.
 * `unavailable`: retry with backoff. `bug`: everything else; shown with the run's id.
 */
export type FailureKind =
  | "invalid-request"
  | "not-permitted"
  | "limit-reached"
  | "cancelled"
  | "unavailable"
  | "bug";

export type FailureOptions = {
  readonly cause?: unknown;
  /** Facts for the log and the person; never a secret. */
  readonly details?: Readonly<Record<string, string | number | boolean>>;
};

/** The one error class. `message` is a full sentence that says what to do; `code` is stable kebab-case. */
export class Failure extends Error {
  readonly kind: FailureKind;
  readonly code: string;
  readonly details: Readonly<Record<string, string | number | boolean>>;

  constructor(kind: FailureKind, code: string, message: string, options: FailureOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = "Failure";
    this.kind = kind;
    this.code = code;
    this.details = options.details ?? {};
  }
}

/** Anything thrown, as a Failure; an unknown error becomes a `bug` with the original as its cause. */
export function toFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new Failure("bug", "unexpected", message, { cause: error });
}
