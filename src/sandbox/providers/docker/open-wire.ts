import type Docker from "dockerode";
import { Failure } from "../../../errors.ts";
import type { Log } from "../../../log.ts";
import { Connection } from "../../wire-host/connection.ts";
import type { Dialler } from "../../wire-host/dialler.ts";
import { EgressGate } from "../../wire-host/egress-gate.ts";
import {
  type Machine,
  WireSandbox,
  type WireSandboxOptions,
} from "../../wire-host/wire-sandbox.ts";
import { type AttachedStream, attach } from "./machine.ts";

/** How every sandbox of a provider is connected to the world. */
export type WireSettings = {
  readonly dialler: Dialler;
  readonly privateOrigins: readonly string[];
  readonly caBundle?: Uint8Array;
  readonly log: Log;
  readonly signal?: AbortSignal;
};

type AboutSandbox = Pick<
  WireSandboxOptions,
  "labels" | "maxLifetimeMs" | "imageEnv" | "createdAtMs"
> & {
  readonly container: Docker.Container;
  readonly machine: Machine;
  /** Given for a sandbox that outlives this process. */
  readonly kept?: {
    readonly token: Uint8Array;
    /** Whether another process has made it. */
    readonly takeOver: boolean;
    onExtend(expiresAtMs: number): Promise<void>;
  };
  /** Makes the container's guest run, once this process listens to it. */
  begin(): Promise<void>;
};

const HELLO_TIMEOUT_MS = 30_000;

/** Attaches to a container and waits for its guest's greeting; removes the machine when that fails. */
export async function openWire(about: AboutSandbox, settings: WireSettings): Promise<WireSandbox> {
  const { machine, container, kept } = about;
  const { log, signal, caBundle } = settings;
  let command = "";
  const gate = openGate(settings, () => command);
  let connection: Connection | undefined;
  try {
    const stream = await attach(container);
    const token = kept?.takeOver ? kept.token : undefined;
    connection = new Connection(stream.output, stream.input, gate.accept, token);
    await about.begin();
    await greeting(connection, stream, signal);
    void connection.closed.then(() => {
      const complaint = stream.complaint();
      if (complaint !== "") log.debug({ sandbox: machine.id, complaint }, "the guest's last words");
    });
  } catch (error) {
    connection?.close("The sandbox did not start.");
    await machine.remove();
    throw error;
  }
  const wire = connection;
  if (kept !== undefined) wire.keep(kept.token, about.maxLifetimeMs);
  return new WireSandbox({
    ...about,
    connection: wire,
    gate,
    onCommand: (text) => {
      command = text;
    },
    log,
    ...(caBundle === undefined ? {} : { caBundle }),
    ...(kept === undefined
      ? {}
      : {
          async onExtend(expiresAtMs) {
            wire.keep(kept.token, expiresAtMs - Date.now());
            await kept.onExtend(expiresAtMs);
          },
        }),
  });
}

function openGate(settings: WireSettings, currentCommand: () => string): EgressGate {
  const { dialler, privateOrigins, log } = settings;
  return new EgressGate({ policy: { mode: "none" }, privateOrigins, dialler, currentCommand, log });
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

export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) {
    throw new Failure("cancelled", "create-cancelled", "The sandbox was not wanted any more.");
  }
}
