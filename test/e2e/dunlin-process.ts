import { type ChildProcess, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";

/** A line that Dunlin wrote to its log. */
export type LogLine = { readonly msg: string } & Readonly<Record<string, unknown>>;

export type DunlinProcess = AsyncDisposable & {
  readonly url: string;
  readonly pid: number;
  readonly lines: readonly LogLine[];
  /** Calls back for every line from now on. */
  onLine(listener: (line: LogLine) => void): void;
  /** Resolves with the first line, past or future, that passes. Rejects when the process ends before. */
  line(passes: (line: LogLine) => boolean): Promise<LogLine>;
  kill(): Promise<void>;
  /** SIGTERM, and waits for the end. */
  stop(): Promise<number | null>;
};

const CLI = new URL("../../src/cli.ts", import.meta.url).pathname;

/** `dunlin serve` as a real process of its own; resolves once it listens. */
export async function startDunlin(env: Readonly<Record<string, string>>): Promise<DunlinProcess> {
  const child = spawnDunlin(env);
  const lines: LogLine[] = [];
  const events = new EventEmitter().setMaxListeners(0);
  createInterface({ input: child.stderr }).on("line", (text) => {
    const line = parseLine(text);
    lines.push(line);
    events.emit("line", line);
  });
  child.once("close", () => events.emit("close"));
  const line = (passes: (line: LogLine) => boolean) => waitForLine(events, lines, passes);
  const listening = await line((entry) => entry.msg === "listening");
  return {
    url: String(listening["url"]),
    pid: child.pid ?? 0,
    lines,
    line,
    onLine: (listener) => events.on("line", listener),
    kill: () => end(child, "SIGKILL").then(() => {}),
    stop: () => end(child, "SIGTERM"),
    [Symbol.asyncDispose]: () => end(child, "SIGTERM").then(() => {}),
  };
}

/** A Dunlin that is killed while it starts. */
export async function killAtStart(
  env: Readonly<Record<string, string>>,
  afterMs: number,
): Promise<void> {
  const child = spawnDunlin(env);
  child.stderr.resume();
  await delay(afterMs);
  await end(child, "SIGKILL");
}

function spawnDunlin(env: Readonly<Record<string, string>>) {
  return spawn(process.execPath, [CLI, "serve"], {
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], PORT: "0", ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
}

function parseLine(text: string): LogLine {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed !== null && "msg" in parsed) return parsed as LogLine;
  } catch {
    // Not one of the log's own lines: shown as it is.
  }
  return { msg: text };
}

function waitForLine(
  events: EventEmitter,
  lines: readonly LogLine[],
  passes: (line: LogLine) => boolean,
): Promise<LogLine> {
  const known = lines.find(passes);
  if (known !== undefined) return Promise.resolve(known);
  return new Promise((resolve, reject) => {
    events.on("line", (line: LogLine) => passes(line) && resolve(line));
    events.once("close", () => {
      const tail = lines.slice(-8).map((line) => JSON.stringify(line));
      reject(new Error(`Dunlin ended before the line came. Its last lines:\n${tail.join("\n")}`));
    });
  });
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const closed = once(child, "close");
  child.kill(signal);
  await closed;
  return child.exitCode;
}
