/** Ends a request with that status and GitHub's error body. */
export class Refusal extends Error {
  readonly status: number;
  readonly errors: readonly unknown[] | undefined;

  constructor(status: number, message: string, errors?: readonly unknown[]) {
    super(message);
    this.status = status;
    this.errors = errors;
  }
}

export function notFound(message = "Not Found"): Refusal {
  return new Refusal(404, message);
}

export function notAccessible(): Refusal {
  return new Refusal(403, "Resource not accessible by integration");
}

/** GitHub's 422 about one field; `message` is used with the code `custom`. */
export function invalid(
  resource: string,
  field: string | undefined,
  code: "invalid" | "missing_field" | "custom",
  message?: string,
): Refusal {
  const error = { resource, code, ...(field ? { field } : {}), ...(message ? { message } : {}) };
  return new Refusal(422, "Validation Failed", [error]);
}

const BODY_LIMIT = 65_536;
const TITLE_LIMIT = 256;

/** GitHub's limits for what people and apps write. */
export function checkLengths(resource: string, body?: string | null, title?: string): void {
  if (body && body.length > BODY_LIMIT) throw tooLong(resource, "body", BODY_LIMIT);
  if (title === undefined) return;
  if (title.trim() === "") throw invalid(resource, "title", "missing_field");
  if (title.length > TITLE_LIMIT) throw tooLong(resource, "title", TITLE_LIMIT);
}

function tooLong(resource: string, field: string, limit: number): Refusal {
  const message = `${field} is too long (maximum is ${limit} characters)`;
  return invalid(resource, field, "custom", message);
}
