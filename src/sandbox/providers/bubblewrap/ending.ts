import { setTimeout as delay } from "node:timers/promises";
import { Failure } from "../../../errors.ts";
import { processesIn, removeGroup } from "./control-groups.ts";
import { freezingGroup, thaw } from "./freezer.ts";
import { isAlive } from "./process-id.ts";
import type { Records, SandboxRecord } from "./records.ts";

const END_TIMEOUT_MS = 30_000;
const LOOK_EVERY_MS = 5;

/**
 * Ends every process of a sandbox, removes its control groups and then its record. Idempotent, and safe while another
 * process does the same. Throws `unavailable/sandbox-not-ended` when something is left, with the record kept.
 */
export async function endSandbox(record: SandboxRecord, records: Records): Promise<void> {
  const deadline = Date.now() + END_TIMEOUT_MS;
  while (!(await tryToEnd(record))) {
    if (Date.now() > deadline) {
      throw new Failure(
        "unavailable",
        "sandbox-not-ended",
        `The sandbox ${record.id} could not be ended: its processes are still there, or its control groups are. It is tried again when Dunlin starts.`,
      );
    }
    await delay(LOOK_EVERY_MS);
  }
  await records.forget(record.id);
}

/** Whether nothing is left. */
async function tryToEnd({ init, groups }: SandboxRecord): Promise<boolean> {
  // What stands still can be killed, but does not die.
  const freezing = freezingGroup(groups);
  if (freezing !== undefined) await thaw(freezing).catch(() => {}); // the group may be gone already
  const isRunning = init !== undefined && (await isAlive(init));
  // The kernel ends all processes of a name space with its first.
  if (isRunning) kill(init.pid);
  const members = new Set((await Promise.all(groups.map(processesIn))).flat());
  for (const pid of members) kill(pid);
  if (isRunning || members.size > 0) return false;
  const removed = await Promise.all(groups.map(removeGroup));
  return removed.every(Boolean);
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has just gone; else the next look finds it again.
  }
}
