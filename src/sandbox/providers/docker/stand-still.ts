import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type Docker from "dockerode";
import { ENGINE_TIMEOUT_MS, statusOf, withinMs } from "./engine-error.ts";

const PAUSE_TRIES = 5;
const PAUSE_AGAIN_MS = 100;

/**
 * Stops all of a container, and resolves to the host process that was stopped beside what the engine stops. On gVisor
 * the engine stops what runs inside, but not the kernel that it runs on, whose timers never rest. A stopped process can
 * still be killed, by whoever removes the container; one in a frozen control group of version 1 can't.
 */
export async function standStill(container: Docker.Container): Promise<number | undefined> {
  await pause(container);
  const sentry = await sentryOf(
    (await withinMs(ENGINE_TIMEOUT_MS, container.inspect())).State.Pid,
    container.id,
  );
  if (sentry !== undefined) signal(sentry, "SIGSTOP");
  return sentry;
}

/** `sentry` is what `standStill` resolved to. A container that runs already stays as it is. */
export async function moveOn(
  container: Docker.Container,
  sentry: number | undefined,
): Promise<void> {
  // First: a kernel that stands still can't take the engine's order.
  await goOn(sentry, container.id);
  try {
    await withinMs(ENGINE_TIMEOUT_MS, container.unpause());
  } catch (error) {
    const { State } = await withinMs(ENGINE_TIMEOUT_MS, container.inspect());
    if (State.Paused) throw error;
  }
}

/**
 * For a container that somebody else may have stopped. False when the engine doesn't have it; what can't be started
 * again stays as it is.
 */
export async function wake(container: Docker.Container): Promise<boolean> {
  try {
    const { State } = await withinMs(ENGINE_TIMEOUT_MS, container.inspect());
    // Whatever the engine says: a process that died in between has stopped the kernel, or only the rest.
    await goOn(State.Pid, container.id);
    if (State.Paused) await moveOn(container, State.Pid).catch(() => {});
    return true;
  } catch (error) {
    if (statusOf(error instanceof Error ? error.cause : undefined) === 404) return false;
    throw error;
  }
}

/** Asked anew whose it is: the number may be another process's by now. */
async function goOn(pid: number | undefined, id: string): Promise<void> {
  const sentry = pid === undefined ? undefined : await sentryOf(pid, id);
  if (sentry !== undefined) signal(sentry, "SIGCONT");
}

/** The kernel takes more than one try when processes come and go meanwhile; the engine doesn't give it them. */
async function pause(container: Docker.Container): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await withinMs(ENGINE_TIMEOUT_MS, container.pause());
      return;
    } catch (error) {
      const mayPass = error instanceof Error && /unable to freeze/i.test(error.message);
      if (!mayPass || tries === PAUSE_TRIES) throw error;
      await delay(PAUSE_AGAIN_MS);
    }
  }
}

/**
 * The process if it is the kernel of that gVisor container. Undefined on other runtimes, and when the engine runs on
 * another machine, where its process ids mean nothing here.
 */
export async function sentryOf(
  pid: number,
  id: string,
  proc = "/proc",
): Promise<number | undefined> {
  const cmdline = await readFile(`${proc}/${pid}/cmdline`, "utf8").catch(() => "");
  const [program = "", ...args] = cmdline.split("\0").filter(Boolean);
  return basename(program) === "runsc-sandbox" && args.at(-1) === id ? pid : undefined;
}

function signal(pid: number, name: "SIGSTOP" | "SIGCONT"): void {
  try {
    process.kill(pid, name);
  } catch {
    // It is another user's, so the engine's own pause has to do; or it has ended.
  }
}
