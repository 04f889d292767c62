import { createHash } from "node:crypto";
import { once } from "node:events";
import { createConnection, createServer, type Socket } from "node:net";
import { platform } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

// Enough for who waits to be told and to take it; one that is stopped is not waited for.
const LET_OTHERS_FIRST_MS = 20;

/**
 * Runs `work` while no other process of this machine runs any of the same name; the others wait. What holds the turn
 * is a socket in the kernel's own name space, so it is given back whatever way the holder dies. Whoever gives it back
 * lets those go first who wait. Elsewhere than on Linux nothing is held: work that is done twice must then do no harm.
 */
export async function inTurn<T>(
  name: string,
  work: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  if (platform() !== "linux") return work();
  const path = `\0dunlin/${name}`;
  let giveBack = await tryToTake(path);
  while (giveBack === undefined) {
    await untilGivenBack(path, signal);
    giveBack = await tryToTake(path);
  }
  try {
    return await work();
  } finally {
    await giveBack();
  }
}

/** A name for `inTurn` that stands for a file or folder: its own path may be too long for one. */
export function turnFor(path: string): string {
  return `path/${createHash("sha256").update(path).digest("hex").slice(0, 24)}`;
}

/** Undefined when somebody else has it. Those who wait are connected, and hear its end as the end of that. */
async function tryToTake(path: string): Promise<(() => Promise<void>) | undefined> {
  const waiting = new Set<Socket>();
  const server = createServer((socket) => {
    waiting.add(socket);
    socket.on("error", () => {}); // it has given up waiting
    socket.on("close", () => waiting.delete(socket));
  });
  server.listen(path);
  try {
    await once(server, "listening");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") return undefined;
    throw error;
  }
  return async () => {
    server.close();
    const told = [...waiting].map((socket) => once(socket.end().resume(), "close"));
    if (told.length > 0) await Promise.race([...told, sleep(LET_OTHERS_FIRST_MS)]);
    for (const socket of waiting) socket.destroy();
  };
}

async function untilGivenBack(path: string, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  const socket = createConnection({ path });
  const giveUp = () => void socket.destroy();
  signal?.addEventListener("abort", giveUp);
  await new Promise<void>((resolve) => {
    socket.on("error", () => {}); // nobody listens any more; `close` follows
    socket.on("close", () => resolve());
    socket.resume();
  });
  signal?.removeEventListener("abort", giveUp);
  signal?.throwIfAborted();
}
