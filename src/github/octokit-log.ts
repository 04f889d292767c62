import type { Log } from "../log.ts";
import { redact } from "./redact.ts";

type Write = (first: unknown, second?: unknown) => void;

/** The shape that Probot and Octokit log through. */
export type OctokitLog = {
  readonly [level in "trace" | "debug" | "info" | "warn" | "error" | "fatal"]: Write;
} & { child(facts?: object): OctokitLog };

const REQUEST = /^[A-Z]+ \S+ - \d{3} /;

/**
 * Passes messages on, never the objects beside them: those are whole payloads, requests with their headers, bodies.
 * A request is worth no more than `debug`, even a failed one: whoever sent it says what it means.
 */
export function octokitLog(log: Log): OctokitLog {
  const at =
    (level: "debug" | "warn" | "error"): Write =>
    (first, second) => {
      const message = redact(messageOf(first, second)).slice(0, 500);
      log[REQUEST.test(message) ? "debug" : level]({ from: "octokit" }, message);
    };
  return {
    trace: () => {},
    debug: at("debug"),
    info: at("debug"),
    warn: at("warn"),
    error: at("error"),
    fatal: at("error"),
    child: () => octokitLog(log),
  };
}

function messageOf(first: unknown, second: unknown): string {
  if (typeof first === "string") return first;
  if (first instanceof Error) return first.message;
  return typeof second === "string" ? second : "octokit message";
}
