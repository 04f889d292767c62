import assert from "node:assert/strict";
import { Failure } from "../../src/errors.ts";
import type { ExecOptions, ExecResult, Sandbox } from "../../src/sandbox/sandbox.ts";

/** For commands that end by themselves: a machine may be busy, and its processor emulated. */
export const PATIENCE_MS = 60_000;

/** The `$0` of scripts that try to do harm: what stands in for a machine in a test never runs them. */
export const PROBE_NAME = "conformance-probe";

export type TextResult = Pick<ExecResult, "end" | "exitCode" | "signal" | "droppedBytes"> & {
  readonly out: string;
  readonly err: string;
};

/** Runs a shell script. */
export function sh(
  sandbox: Sandbox,
  script: string,
  options: Partial<ExecOptions> = {},
): Promise<TextResult> {
  return run(sandbox, ["/bin/sh", "-c", script, "sh"], options);
}

/** Runs a shell script that tries to do what must not be possible. */
export function probe(
  sandbox: Sandbox,
  script: string,
  options: Partial<ExecOptions> = {},
): Promise<TextResult> {
  return run(sandbox, ["/bin/sh", "-c", script, PROBE_NAME], options);
}

/** The script prints one line for each thing that it could do; there must be none. */
export async function findsNothing(
  sandbox: Sandbox,
  script: string,
  options: Partial<ExecOptions> = {},
): Promise<void> {
  const { end, exitCode, out } = await probe(sandbox, `${script}\necho checked`, options);
  assert.deepEqual({ end, exitCode, out }, { end: "exit", exitCode: 0, out: "checked\n" });
}

async function run(
  sandbox: Sandbox,
  argv: readonly string[],
  options: Partial<ExecOptions>,
): Promise<TextResult> {
  const result = await sandbox.exec(argv, { timeoutMs: PATIENCE_MS, ...options });
  const { end, exitCode, signal, droppedBytes, stdout, stderr } = result;
  return { end, exitCode, signal, droppedBytes, out: text(stdout), err: text(stderr) };
}

export function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

export function bytes(content: string): Uint8Array {
  return new TextEncoder().encode(content);
}

/** Every value that a byte can have, and again backwards. */
export const ALL_BYTES = Uint8Array.from({ length: 512 }, (_, index) =>
  index < 256 ? index : 511 - index,
);

/** The command ended by itself with 0. */
export function succeeded({ end, exitCode, err }: TextResult): void {
  assert.deepEqual({ end, exitCode }, { end: "exit", exitCode: 0 }, `It failed: ${err}`);
}

/** `expected` is the kind of the failure, or `kind/code` where the port names the code. */
export async function fails(work: Promise<unknown>, expected: string): Promise<Failure> {
  const error = await work.then(
    () => assert.fail(`It succeeded instead of failing with ${expected}.`),
    (reason: unknown) => reason,
  );
  if (!(error instanceof Failure)) throw error;
  const found = expected.includes("/") ? `${error.kind}/${error.code}` : error.kind;
  assert.equal(found, expected, error.message);
  return error;
}

/** Asks again until the answer is there; the runner's limit on a law's time ends it otherwise. */
export async function eventually(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 50));
}

export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
}
