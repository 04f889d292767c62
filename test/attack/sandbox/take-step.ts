import { connect } from "node:net";
import { pack } from "tar-stream";
import { Failure } from "../../../src/errors.ts";
import type { ExecOptions, ExecResult, Sandbox } from "../../../src/sandbox/sandbox.ts";
import type { CommandSeen, Step, StepSeen, TarEntry } from "./attack-case.ts";
import { argvOf, type Program } from "./program.ts";

const TIMEOUT_MS = 30_000;
/** Added to a command's own time: then it should have ended long ago, on a busy machine too. */
const PATIENCE_MS = 60_000;
const STEP_PATIENCE_MS = 240_000;
const KEPT_BYTES = 65_536;

export type RunOptions = Pick<ExecOptions, "env" | "onOutput" | "signal">;

/** What came in time, or `late`. */
export async function within<T, L>(ms: number, late: L, promise: Promise<T>): Promise<T | L> {
  let timer: NodeJS.Timeout | undefined;
  const bound = new Promise<L>((resolve) => {
    timer = setTimeout(() => resolve(late), ms);
  });
  try {
    return await Promise.race([promise, bound]);
  } finally {
    clearTimeout(timer);
  }
}

/** Runs a program to its end, or as long as it can be expected to take. Never throws. */
export async function runProgram(
  sandbox: Sandbox,
  program: Program,
  options: RunOptions,
): Promise<CommandSeen> {
  const { timeoutMs = TIMEOUT_MS, cwd, maxOutputBytes, killAfterOutputBytes } = program;
  const running = sandbox.exec(argvOf(program), {
    timeoutMs,
    ...(cwd === undefined ? {} : { cwd }),
    ...(maxOutputBytes === undefined ? {} : { maxOutputBytes }),
    ...(killAfterOutputBytes === undefined ? {} : { killAfterOutputBytes }),
    ...options,
  });
  const seen = running.then(seenOf, (error: unknown) => threw(sandbox, error));
  const late: CommandSeen = { ...NOTHING, end: "never" };
  return within(timeoutMs + PATIENCE_MS, late, seen);
}

const NOTHING = { exitCode: null, droppedBytes: 0, durationMs: 0, out: "", err: "" } as const;

function seenOf({ end, exitCode, droppedBytes, durationMs, stdout, stderr }: ExecResult) {
  const out = Buffer.from(stdout).toString("latin1");
  const err = Buffer.from(stderr).toString("latin1");
  return { end, exitCode, droppedBytes, durationMs, out, err };
}

function threw(sandbox: Sandbox, error: unknown): CommandSeen {
  return { ...NOTHING, end: sandbox.lost.aborted ? "lost" : "threw", err: wordsOf(error) };
}

function wordsOf(error: unknown): string {
  return error instanceof Failure ? `${error.code}: ${error.message}` : `${error}`;
}

/** Takes one of Dunlin's own steps, for as long as it can be expected to take. Never throws. */
export async function takeStep(
  sandbox: Sandbox,
  step: Step,
  env: Readonly<Record<string, string>>,
): Promise<StepSeen> {
  const taken = take(sandbox, step, env).then(
    ({ text, bytes }): StepSeen => ({ name: step.name, end: "done", text, bytes }),
    (error: unknown): StepSeen => {
      return { name: step.name, end: "refused", text: wordsOf(error), bytes: 0 };
    },
  );
  const late: StepSeen = { name: step.name, end: "never", text: "", bytes: 0 };
  return within(STEP_PATIENCE_MS, late, taken);
}

type Taken = { readonly text: string; readonly bytes: number };

async function take(
  sandbox: Sandbox,
  step: Step,
  env: Readonly<Record<string, string>>,
): Promise<Taken> {
  switch (step.do) {
    case "run": {
      const { end, out, err } = await runProgram(sandbox, step.program, { env });
      if (end === "threw" || end === "lost" || end === "oom") throw new Error(`${end}: ${err}`);
      if (end === "never") await new Promise(() => {});
      return { text: `${out}${err}`, bytes: out.length };
    }
    case "read":
      return kept([await sandbox.readFile(step.path, { maxBytes: step.maxBytes })]);
    case "download": {
      const { folder, paths, maxBytes } = step;
      return kept(sandbox.downloadTar(folder, paths, { maxBytes }));
    }
    case "write":
      await sandbox.writeFiles([{ path: step.path, data: Buffer.from(step.text) }]);
      break;
    case "upload":
      await sandbox.uploadTar(step.folder, archiveOf(step.entries));
      break;
    case "egress":
      await sandbox.setEgress(step.policy);
      break;
    case "pause":
      await sandbox.pause();
      break;
    case "dial":
      await dial(step.port);
  }
  return { text: "", bytes: 0 };
}

/** Counts all bytes and keeps the first. */
async function kept(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<Taken> {
  let text = "";
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (text.length < KEPT_BYTES) text += Buffer.from(chunk).toString("latin1", 0, KEPT_BYTES);
  }
  return { text, bytes };
}

async function* archiveOf(entries: readonly TarEntry[]): AsyncGenerator<Uint8Array> {
  const archive = pack();
  for (const { text = "", ...header } of entries) {
    const named = { uid: 0, gid: 0, ...header };
    if (header.type === undefined || header.type === "file") archive.entry(named, text);
    else archive.entry({ ...named, size: 0 });
  }
  archive.finalize();
  for await (const chunk of archive) yield chunk as Uint8Array;
}

async function dial(port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve();
    });
    socket.on("error", reject);
  });
}
