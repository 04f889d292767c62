import { pino } from "pino";

/** Fixed lower-case phrase first, facts as fields. Never a prompt, code or token. */
export interface Log {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
  child(facts: Record<string, unknown>): Log;
}

export type LogLevel = "silent" | "error" | "warn" | "info" | "debug";

/** JSON lines on standard error; values of the named fields are never written. */
export function createLog(level: LogLevel): Log {
  return pino(
    {
      level,
      redact: ["*.token", "*.authorization", "*.privateKey", "*.secret", "*.apiKey"],
    },
    pino.destination(2),
  );
}
