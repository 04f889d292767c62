import { join } from "node:path";
import { type DunlinProcess, killAtStart, type LogLine } from "./dunlin-process.ts";
import type { Stage } from "./stage.ts";

/** A step of the run, or what is said about it, as Dunlin's log tells it. */
export type Moment = {
  readonly step: string;
  readonly state: "started" | "ended" | "replayed";
};

/** One Dunlin after another on the same data folder. */
export type Lives = {
  /** The one that lives now. */
  readonly dunlin: DunlinProcess;
  /** What all of them logged, oldest first. */
  readonly lines: readonly LogLine[];
  readonly kills: number;
  /** SIGKILL, then `meanwhile`, then a new one. */
  killAndRestart(meanwhile?: () => Promise<void>): Promise<void>;
  /** One that never comes to live between the last and the next: killed so long after its start began. */
  killAndRestartTwice(afterMs: number): Promise<void>;
  /** SIGTERM and a new one; gives the exit code of the old. */
  stopAndRestart(): Promise<number | null>;
};

export async function startLives(
  stage: Stage,
  more: Readonly<Record<string, string>> = {},
): Promise<Lives> {
  const past: LogLine[] = [];
  // A start that compiles nothing anew takes half the time.
  const env = { NODE_COMPILE_CACHE: join(stage.folder, "compiled"), ...more };
  let dunlin = await stage.start(env);
  let kills = 0;
  const next = async () => {
    past.push(...dunlin.lines);
    dunlin = await stage.start(env);
  };
  return {
    get dunlin() {
      return dunlin;
    },
    get lines() {
      return [...past, ...dunlin.lines];
    },
    get kills() {
      return kills;
    },
    async killAndRestart(meanwhile = async () => {}) {
      await dunlin.kill();
      kills += 1;
      await meanwhile();
      await next();
    },
    async killAndRestartTwice(afterMs) {
      await dunlin.kill();
      await killAtStart({ ...stage.env, ...env }, afterMs);
      kills += 2;
      await next();
    },
    async stopAndRestart() {
      const code = await dunlin.stop();
      await next();
      return code;
    },
  };
}

/** The run's steps in the order in which they began and ended, over all lives. */
export function momentsOf(lines: readonly LogLine[]): readonly Moment[] {
  return lines
    .filter((line) => line.msg === "progress" && "step" in line)
    .map((line) => ({ step: String(line["step"]), state: line["state"] as Moment["state"] }));
}

/** Steps that were begun although they had ended before. */
export function repeatedSteps(lines: readonly LogLine[]): readonly string[] {
  const over = new Set<string>();
  const repeated: string[] = [];
  for (const { step, state } of momentsOf(lines)) {
    if (state !== "started") over.add(step);
    else if (over.has(step)) repeated.push(step);
  }
  return repeated;
}
