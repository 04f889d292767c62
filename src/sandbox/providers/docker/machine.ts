import http from "node:http";
import type { Duplex } from "node:stream";
import type Docker from "dockerode";
import type { Isolation } from "../../sandbox.ts";
import { released } from "../../wire-host/released.ts";
import type { Machine } from "../../wire-host/wire-sandbox.ts";
import { demultiplex } from "./demultiplex.ts";
import { ENGINE_TIMEOUT_MS, statusOf, withinMs } from "./engine-error.ts";
import { moveOn, standStill, wake } from "./stand-still.ts";

const CAUSE_TIMEOUT_MS = 1_000;
const STOP_TIMEOUT_MS = 3_000;
/** A kill can take the engine more than a minute when it comes at a bad moment. */
const REMOVAL_TIMEOUT_MS = 150_000;
const MAX_COMPLAINT_BYTES = 8 * 1024;

/** A container as a machine with a wire. */
export function containerMachine(container: Docker.Container, isolation: Isolation): Machine {
  let standing: Promise<number | undefined> = Promise.resolve(undefined);
  const stood = () => standing.catch(() => undefined);
  return {
    id: container.id,
    isolation,
    causeOfLoss: () => causeOfLoss(container),
    freezer: {
      async freeze() {
        standing = standStill(container);
        await standing;
      },
      thaw: async () => moveOn(container, await stood()),
    },
    async remove() {
      // What is being stopped at this moment would stand still for ever after.
      await stood();
      if (!(await wake(container))) return;
      await untilStopped(container);
      await forceRemoval(container);
    },
  };
}

/**
 * A guest whose wire is closed ends by itself, and its container with it. Waiting for that spares the engine a kill:
 * on gVisor, containerd 1.6 can stand still for a minute when a container ends while it is being killed.
 */
async function untilStopped(container: Docker.Container): Promise<void> {
  try {
    await withinMs(STOP_TIMEOUT_MS, container.wait());
  } catch {
    // It hangs, or is gone, or the engine is: the removal finds out which.
  }
}

/** Removes it whatever it does. Throws `unavailable` when the engine can't say that it is gone. */
export async function removeContainer(
  container: Docker.Container,
): Promise<"destroyed" | "already-gone"> {
  // An engine that kills what stands still waits for ten seconds, fails, and leaves its shim behind.
  return (await wake(container)) ? forceRemoval(container) : "already-gone";
}

async function forceRemoval(container: Docker.Container): Promise<"destroyed" | "already-gone"> {
  try {
    await withinMs(REMOVAL_TIMEOUT_MS, container.remove({ force: true, v: true }));
    return "destroyed";
  } catch (error) {
    const status = statusOf(error instanceof Error ? error.cause : undefined);
    if (status === 404) return "already-gone";
    // Somebody else is removing it already: wait for the end of that.
    if (status === 409) return withinMs(REMOVAL_TIMEOUT_MS, waitForRemoval(container));
    throw error;
  }
}

async function waitForRemoval(container: Docker.Container): Promise<"already-gone"> {
  try {
    await container.wait({ condition: "removed" });
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
  }
  return "already-gone";
}

async function causeOfLoss(container: Docker.Container): Promise<"oom" | "lost"> {
  try {
    return await withinMs(CAUSE_TIMEOUT_MS, stateAfterEnd(container));
  } catch {
    return "lost"; // an engine that doesn't answer can't say that memory was why
  }
}

async function stateAfterEnd(container: Docker.Container): Promise<"oom" | "lost"> {
  await container.wait();
  const { State } = await container.inspect();
  return State.OOMKilled ? "oom" : "lost";
}

/** The client library sends its options as a body, too, which Podman hands to the container's standard input. */
async function openStream(container: Docker.Container): Promise<Duplex> {
  const { socketPath }: { socketPath?: unknown } = container.modem;
  if (typeof socketPath === "string") return upgrade(socketPath, container.id);
  const all = { stream: true, hijack: true, stdin: true, stdout: true, stderr: true };
  // Declared as the smaller type; it is the engine's own socket.
  return (await container.attach(all)) as Duplex;
}

function upgrade(socketPath: string, id: string): Promise<Duplex> {
  const request = http.request({
    socketPath,
    agent: false,
    method: "POST",
    path: `/containers/${id}/attach?stream=1&stdin=1&stdout=1&stderr=1`,
    headers: { connection: "Upgrade", upgrade: "tcp", "content-length": 0 },
  });
  return new Promise((resolve, reject) => {
    request.on("upgrade", (_response, socket, head) => {
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    request.on("response", (response) => {
      response.resume();
      const { statusCode } = response;
      const refusal = new Error(`The engine refused to attach to the container (${statusCode}).`);
      reject(Object.assign(refusal, { statusCode }));
    });
    request.on("error", reject);
    request.end();
  });
}

export type AttachedStream = {
  /** What the guest writes to its standard output. */
  readonly output: AsyncIterable<Uint8Array>;
  readonly input: Duplex;
  /** The end of what the guest wrote to its standard error, which is only for its own breakdowns. */
  complaint(): string;
};

/** Attaches before the start, so that not a byte is missed. Output is to be copied by whoever keeps it. */
export async function attach(container: Docker.Container): Promise<AttachedStream> {
  const socket = await withinMs(ENGINE_TIMEOUT_MS, openStream(container));
  let complaint = Buffer.alloc(0);
  async function* output(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const { kind, data } of demultiplex(released(socket))) {
      if (kind === "stdout") yield data;
      else complaint = Buffer.concat([complaint, data]).subarray(-MAX_COMPLAINT_BYTES);
    }
  }
  return { output: output(), input: socket, complaint: () => complaint.toString("utf8").trim() };
}
