import type { ChildProcess } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import type { Isolation } from "../../sandbox.ts";
import type { Machine } from "../../wire-host/wire-sandbox.ts";
import { countMemoryKills } from "./control-groups.ts";
import { endSandbox } from "./ending.ts";
import { freeze, freezingGroup, thaw } from "./freezer.ts";
import type { Records, SandboxRecord } from "./records.ts";

const CAUSE_TIMEOUT_MS = 1_000;
/** What bwrap answers when the guest was killed. */
const KILLED_STATUS = 128 + 9;

/** The processes below bwrap as a machine with a wire. */
export function bwrapMachine(
  record: SandboxRecord,
  records: Records,
  bwrap: ChildProcess,
  isolation: Isolation,
): Machine {
  const group = freezingGroup(record.groups);
  const status = new Promise<number | null>((resolve) => bwrap.once("exit", resolve));
  return {
    id: record.id,
    isolation,
    async causeOfLoss() {
      const timeout = delay(CAUSE_TIMEOUT_MS, undefined, { ref: false });
      const wasKilled = (await Promise.race([status, timeout])) === KILLED_STATUS;
      return wasKilled && (await countMemoryKills(record.groups)) > 0 ? "oom" : "lost";
    },
    remove: () => endSandbox(record, records),
    ...(group === undefined
      ? {}
      : { freezer: { freeze: () => freeze(group), thaw: () => thaw(group) } }),
  };
}
