import { type ChildProcess, spawn } from "node:child_process";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { readAll } from "../../../artifact/artifact.ts";
import { Failure } from "../../../errors.ts";
import type { GitEnvironment } from "./environment.ts";

const MAX_ERROR_BYTES = 8192;

export type GitCall = {
  readonly args: readonly string[];
  readonly env: GitEnvironment;
  /** The process's folder; never one that a repository's content was written to. */
  readonly cwd: string;
  readonly stdin?: Uint8Array | string;
  /** Kills git once it has written more than this. */
  readonly maxOutputBytes: number;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
};

/** Git wrote more than the caller wanted to read. */
export class OutputLimit extends Error {}

/** A command that reads and writes objects only, its output as it comes. Ends git when the reader stops early. */
export async function* streamGit(call: GitCall): AsyncGenerator<Uint8Array> {
  const { args, cwd, env, stdin = "" } = call;
  call.signal?.throwIfAborted();
  const timeout = AbortSignal.timeout(call.timeoutMs);
  const signal = call.signal === undefined ? timeout : AbortSignal.any([timeout, call.signal]);
  const child = spawn("git", args, { cwd, env, stdio: "pipe", signal, killSignal: "SIGKILL" });
  const errors = collectErrors(child);
  const end = waitForEnd(child);
  // A process that ends early closes its input; its exit code says why.
  const input = pipeline(Readable.from([Buffer.from(stdin)]), child.stdin).catch(() => {});
  try {
    let bytes = 0;
    for await (const chunk of child.stdout) {
      bytes += chunk.length;
      if (bytes > call.maxOutputBytes) throw new OutputLimit();
      yield chunk;
    }
    await input;
    const { code, error } = await end;
    call.signal?.throwIfAborted();
    if (timeout.aborted) throw timeoutFailure(call);
    if (error !== undefined) throw startFailure(error);
    if (code !== 0) throw gitFailure(args, code, errors());
  } finally {
    child.kill("SIGKILL");
    await end;
  }
}

/** A command's whole output. */
export async function runGit(call: GitCall): Promise<Uint8Array> {
  return readAll(streamGit(call));
}

function collectErrors(child: ChildProcess): () => string {
  let text = "";
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
    text = (text + chunk).slice(-MAX_ERROR_BYTES);
  });
  return () => text;
}

type ProcessEnd = { readonly code: number | null; readonly error?: Error };

function waitForEnd(child: ChildProcess): Promise<ProcessEnd> {
  return new Promise((resolve) => {
    let failed: { error?: Error } = {};
    child.on("error", (error) => {
      failed = { error };
      if (child.pid === undefined) resolve({ code: null, error });
    });
    child.on("close", (code) => resolve({ code, ...failed }));
  });
}

function timeoutFailure({ args, timeoutMs }: GitCall): Failure {
  const message = `git ${args[0]} did not end within ${timeoutMs / 1000} seconds. Try again later.`;
  return new Failure("unavailable", "git-timeout", message);
}

function startFailure(cause: Error): Failure {
  const message = "The program git can't be started. Install git 2.38 or newer on the host.";
  return new Failure("unavailable", "git-missing", message, { cause });
}

function gitFailure(args: readonly string[], code: number | null, errors: string): Failure {
  const message = `git ${args[0]} ended with ${code ?? "a signal"}: ${errors.trim() || "no message"}`;
  return new Failure("bug", "git-failed", message, { details: { command: args[0] ?? "" } });
}
