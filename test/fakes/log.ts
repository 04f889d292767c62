import type { Log } from "../../src/log.ts";

export type LogLine = {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly facts: Readonly<Record<string, unknown>>;
};

/** Keeps its lines in `lines`, with the facts of its parents. */
export function fakeLog(lines: LogLine[] = [], parents: object = {}): Log & { lines: LogLine[] } {
  const at = (level: LogLine["level"]) => (facts: object, message: string) => {
    lines.push({ level, message, facts: { ...parents, ...facts } });
  };
  return {
    lines,
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: (facts) => fakeLog(lines, { ...parents, ...facts }),
  };
}
