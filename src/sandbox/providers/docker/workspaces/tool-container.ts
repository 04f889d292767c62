import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type Docker from "dockerode";
import { Failure } from "../../../../errors.ts";
import type { SandboxLimits } from "../../../sandbox.ts";
import { JOB_ENV } from "../../../wire-host/job-env.ts";
import { containerOptions } from "../container-options.ts";
import { ENGINE_TIMEOUT_MS, withinMs } from "../engine-error.ts";
import { attach, removeContainer } from "../machine.ts";
import type { RuntimeChoice } from "../runtime.ts";

/** What every container of ours is made from, whatever it is for. */
export type Workshop = {
  readonly docker: Docker;
  readonly choice: RuntimeChoice;
  readonly labels: Readonly<Record<string, string>>;
};

export type Tool = {
  readonly imageDigest: string;
  readonly argv: readonly string[];
  readonly mounts: readonly Docker.MountSettings[];
  readonly limits: SandboxLimits;
  readonly timeoutMs: number;
  readonly stdin: AsyncIterable<Uint8Array>;
  /** Called once it runs, before it is given its input. */
  readonly onStart?: (container: Docker.Container) => Promise<void>;
};

/**
 * Runs one program as the job's user in a container of its own, without a network, and removes it. Returns once the
 * engine says that the container is gone: nothing of it can still write. Throws what `stdin` throws.
 */
export async function runTool(
  { docker, choice, labels }: Workshop,
  tool: Tool,
): Promise<{ readonly exitCode: number; readonly said: string }> {
  const { imageDigest, argv, mounts, limits } = tool;
  const options = containerOptions({ limits, labels }, imageDigest, choice, mounts);
  const container = await withinMs(
    ENGINE_TIMEOUT_MS,
    docker.createContainer({
      ...options,
      HostConfig: { ...options.HostConfig, CapAdd: [] },
      Entrypoint: [...argv],
      User: "1000:1000",
      Env: Object.entries(JOB_ENV).map(([name, value]) => `${name}=${value}`),
    }),
  );
  try {
    return await runToEnd(container, tool);
  } finally {
    await removeContainer(container);
  }
}

async function runToEnd(
  container: Docker.Container,
  { stdin, timeoutMs, onStart }: Tool,
): Promise<{ readonly exitCode: number; readonly said: string }> {
  const stream = await attach(container);
  // It breaks off when the stream is closed from here; the program's own end is what counts.
  const output = readToEnd(stream.output).catch(() => {});
  await withinMs(ENGINE_TIMEOUT_MS, container.start());
  await onStart?.(container);
  // A program that ends before it has read everything breaks the pipe: its own end says why.
  let brokenBy: unknown;
  const source = guarded(stdin, (error) => {
    brokenBy = error;
    stream.input.destroy();
  });
  const feeding = pipeline(Readable.from(source, { objectMode: false }), stream.input).catch(
    () => {},
  );
  const { StatusCode: exitCode } = await withinTime(timeoutMs, container.wait());
  stream.input.destroy();
  await Promise.all([feeding, output]);
  if (brokenBy !== undefined) throw brokenBy;
  return { exitCode, said: stream.complaint() };
}

async function* guarded(
  source: AsyncIterable<Uint8Array>,
  onError: (error: unknown) => void,
): AsyncGenerator<Uint8Array> {
  try {
    yield* source;
  } catch (error) {
    onError(error);
  }
}

async function readToEnd(output: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of output); // what it prints is of no use, but it must not be held back
}

async function withinTime<T>(ms: number, end: Promise<T>): Promise<T> {
  const expiry = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const message = `The files that the sandbox starts from were not in place after ${ms / 1000} s. Try again when the machine is less busy.`;
    expiry.reject(new Failure("limit-reached", "workspace-too-large", message));
  }, ms);
  try {
    return await Promise.race([end, expiry.promise]);
  } finally {
    clearTimeout(timer);
  }
}
