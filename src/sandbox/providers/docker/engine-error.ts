import { Failure } from "../../../errors.ts";

/** No answer of the engine's takes this long unless something is wrong. */
export const ENGINE_TIMEOUT_MS = 60_000;

/** The engine's HTTP status, for an answer that was an error. */
export function statusOf(error: unknown): number | undefined {
  const status = error instanceof Error && "statusCode" in error ? error.statusCode : undefined;
  return typeof status === "number" ? status : undefined;
}

/** What the engine said, or that it said nothing, as a Failure. */
export function engineFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (statusOf(error) !== undefined) {
    return new Failure("unavailable", "engine-error", `The container engine failed: ${message}`, {
      cause: error,
    });
  }
  return new Failure(
    "unavailable",
    "engine-down",
    `No container engine answers (${message}). Start Docker, or set DOCKER_HOST to where it listens.`,
    { cause: error },
  );
}

/** Waits for the engine no longer than `ms`: one that has stopped without closing its socket answers never. */
export async function withinMs<T>(ms: number, answer: Promise<T>): Promise<T> {
  const expiry = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const waited = `it has not answered for ${ms / 1000} s`;
    expiry.reject(engineFailure(new Error(waited)));
  }, ms);
  try {
    return await Promise.race([answer, expiry.promise]);
  } catch (error) {
    throw engineFailure(error);
  } finally {
    clearTimeout(timer);
  }
}
