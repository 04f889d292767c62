import type Docker from "dockerode";
import { Failure } from "../../../errors.ts";
import type { Log } from "../../../log.ts";
import type { Isolation, Sandbox, SandboxSpec } from "../../sandbox.ts";
import { Connection } from "../../wire-host/connection.ts";
import type { Dialler } from "../../wire-host/dialler.ts";
import { EgressGate } from "../../wire-host/egress-gate.ts";
import { WireSandbox } from "../../wire-host/wire-sandbox.ts";
import { containerOptions } from "./container-options.ts";
import { ENGINE_TIMEOUT_MS, withinMs } from "./engine-error.ts";
import type { Image } from "./image.ts";
import { type AttachedStream, attach, containerMachine } from "./machine.ts";
import type { RuntimeChoice } from "./runtime.ts";

export type StartOptions = {
  readonly docker: Docker;
  readonly image: Image;
  readonly choice: RuntimeChoice;
  readonly dialler: Dialler;
  readonly privateOrigins: readonly string[];
  readonly caBundle?: Uint8Array;
  readonly log: Log;
  readonly signal?: AbortSignal;
};

const HELLO_TIMEOUT_MS = 30_000;

/** Makes a container, waits for its guest and unpacks the layers. Leaves nothing behind when any of it fails. */
export async function startSandbox(spec: SandboxSpec, options: StartOptions): Promise<Sandbox> {
  const { docker, image, choice, signal } = options;
  throwIfCancelled(signal);
  const container = await withinMs(
    ENGINE_TIMEOUT_MS,
    docker.createContainer(containerOptions(spec, image.digest, choice)),
  );
  const sandbox = await bootSandbox(container, spec, options);
  try {
    for (const layer of spec.layers) {
      throwIfCancelled(signal);
      await sandbox.uploadTar(layer.into, layer.open());
    }
    await sandbox.setEgress(spec.egress);
    throwIfCancelled(signal);
    return sandbox;
  } catch (error) {
    await sandbox.destroy();
    throw error;
  }
}

async function bootSandbox(
  container: Docker.Container,
  spec: SandboxSpec,
  options: StartOptions,
): Promise<Sandbox> {
  const { dialler, privateOrigins, caBundle, log } = options;
  const machine = containerMachine(container, isolationOf(options));
  let command = "";
  const gate = new EgressGate({
    policy: { mode: "none" },
    privateOrigins,
    dialler,
    currentCommand: () => command,
    log,
  });
  let connection: Connection | undefined;
  try {
    const stream = await attach(container);
    connection = new Connection(stream.output, stream.input, gate.accept);
    await withinMs(ENGINE_TIMEOUT_MS, container.start());
    await greeting(connection, stream, options.signal);
  } catch (error) {
    connection?.close("The sandbox did not start.");
    await machine.remove();
    throw error;
  }
  return new WireSandbox({
    machine,
    connection,
    gate,
    maxLifetimeMs: spec.maxLifetimeMs,
    labels: spec.labels,
    onCommand: (text) => {
      command = text;
    },
    log,
    ...(caBundle === undefined ? {} : { caBundle }),
  });
}

function isolationOf({ choice, image }: StartOptions): Isolation {
  return {
    provider: "docker",
    runtime: choice.runtime,
    userNamespace: choice.userNamespace,
    weak: choice.weak,
    imageDigest: image.digest,
    networkMode: "none",
  };
}

async function greeting(
  connection: Connection,
  stream: AttachedStream,
  signal: AbortSignal | undefined,
): Promise<void> {
  const expiry = AbortSignal.any([
    AbortSignal.timeout(HELLO_TIMEOUT_MS),
    ...(signal ? [signal] : []),
  ]);
  const expired = new Promise<string>((resolve) => {
    expiry.addEventListener("abort", () => resolve("It did not answer in time."));
  });
  const problem = await Promise.race([connection.ready, connection.closed, expired]);
  if (problem === undefined) return;
  throwIfCancelled(signal);
  throw new Failure(
    "unavailable",
    "sandbox-not-started",
    `The sandbox's guest did not start. ${problem} ${stream.complaint()}`.trim(),
  );
}

function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) {
    throw new Failure("cancelled", "create-cancelled", "The sandbox was not wanted any more.");
  }
}
