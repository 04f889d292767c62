import type Docker from "dockerode";
import type { Log } from "../../../log.ts";
import { Connection } from "../../wire-host/connection.ts";
import type { Dialler } from "../../wire-host/dialler.ts";
import { EgressGate } from "../../wire-host/egress-gate.ts";
import { untilGreeted } from "../../wire-host/greeting.ts";
import { type AttachedStream, attach } from "./machine.ts";

/** How every sandbox of a provider is connected to the world. */
export type WireSettings = {
  readonly dialler: Dialler;
  readonly privateOrigins: readonly string[];
  readonly caBundle?: Uint8Array;
  readonly log: Log;
  readonly signal?: AbortSignal;
};

/** A guest that listens, and the gate through which it reaches something, closed. */
export type OpenWire = { readonly connection: Connection; readonly gate: EgressGate };

/**
 * Attaches to a container, makes its guest run by `begin` and waits for the greeting. With `token`, the guest is one
 * that another process has left.
 */
export async function openWire(
  container: Docker.Container,
  begin: () => Promise<void>,
  { dialler, privateOrigins, log, signal }: WireSettings,
  token?: Uint8Array,
): Promise<OpenWire> {
  const gate = new EgressGate({ privateOrigins, dialler, log });
  const stream = await attach(container);
  const connection = new Connection(stream.output, stream.input, gate.accept, token);
  try {
    await begin();
    await untilGreeted(connection, stream.complaint, signal);
  } catch (error) {
    connection.close("The sandbox did not start.");
    throw error;
  }
  logLastWords(container.id, connection, stream, log);
  return { connection, gate };
}

function logLastWords(
  sandbox: string,
  { closed }: Connection,
  { complaint }: AttachedStream,
  log: Log,
): void {
  void closed.then(() => {
    const said = complaint();
    if (said !== "") log.debug({ sandbox, complaint: said }, "the guest's last words");
  });
}
