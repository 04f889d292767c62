import type { Duplex } from "node:stream";
import { Connection, type GuestOpen } from "../../wire-host/connection.ts";
import { released } from "../../wire-host/released.ts";
import { notStarted } from "./machine.ts";

export type Greeted = {
  readonly connection: Connection;
  /** All that the guest said until it was ready. */
  readonly greeting: Uint8Array;
};

/** A minute's: while its memory runs out, an emulated machine has no time for its guest. */
const MISSED_PINGS = 12;

/** Connects to a guest that boots; throws `unavailable/sandbox-not-started` when it isn't ready in time. */
export async function awaitGuest(
  wire: Duplex,
  onOpen: GuestOpen,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<Greeted> {
  const said: Uint8Array[] = [];
  let isReady = false;
  async function* recorded(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of released(wire)) {
      if (!isReady) said.push(new Uint8Array(chunk));
      yield chunk;
    }
  }
  const connection = new Connection(recorded(), wire, onOpen, undefined, MISSED_PINGS);
  const { promise: late, resolve } = Promise.withResolvers<string>();
  const timer = setTimeout(resolve, timeoutMs, `Its guest was not ready after ${timeoutMs} ms.`);
  const giveUp = () => resolve("It was not wanted any more.");
  signal?.addEventListener("abort", giveUp);
  if (signal?.aborted) giveUp();
  try {
    const problem = await Promise.race([connection.ready, connection.closed, late]);
    isReady = true;
    if (problem !== undefined) {
      connection.close(problem);
      throw notStarted(problem);
    }
    return { connection, greeting: Buffer.concat(said) };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", giveUp);
  }
}

/** Connects to a guest that goes on from a template, where it said `greeting` already. */
export async function meetAgain(
  wire: Duplex,
  onOpen: GuestOpen,
  greeting: Uint8Array,
): Promise<Connection> {
  async function* replayed(): AsyncGenerator<Uint8Array, void, undefined> {
    yield greeting;
    yield* released(wire);
  }
  const connection = new Connection(replayed(), wire, onOpen, undefined, MISSED_PINGS);
  const problem = await Promise.race([connection.ready, connection.closed]);
  if (problem !== undefined) throw notStarted(problem);
  return connection;
}
