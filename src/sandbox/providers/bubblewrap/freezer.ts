import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Failure } from "../../../errors.ts";
import type { Group } from "./control-groups.ts";

const FREEZE_TIMEOUT_MS = 10_000;
const LOOK_EVERY_MS = 2;

/** The group that can stop the sandbox's processes, if there is one. */
export function freezingGroup(groups: readonly Group[]): Group | undefined {
  return groups.find(({ controllers }) => controllers.includes("freezer"));
}

/** Resolves once every process stands still. Throws `unavailable/not-frozen`, with all of them running again. */
export async function freeze(group: Group): Promise<void> {
  const deadline = Date.now() + FREEZE_TIMEOUT_MS;
  await order(group, true);
  while (!(await isFrozen(group))) {
    if (Date.now() > deadline) {
      await thaw(group);
      throw new Failure(
        "unavailable",
        "not-frozen",
        "The sandbox could not be paused: a process of it does not stand still. Try again when its command is over.",
      );
    }
    await delay(LOOK_EVERY_MS);
  }
}

export async function thaw(group: Group): Promise<void> {
  await order(group, false);
}

export async function isFrozen({ folder, version }: Group): Promise<boolean> {
  const file = version === 1 ? "freezer.state" : "cgroup.events";
  const text = await readFile(join(folder, file), "utf8").catch(() => "");
  return version === 1 ? text.trim() === "FROZEN" : /^frozen 1$/m.test(text);
}

async function order({ folder, version }: Group, frozen: boolean): Promise<void> {
  const [file, value] =
    version === 1
      ? ["freezer.state", frozen ? "FROZEN" : "THAWED"]
      : ["cgroup.freeze", frozen ? "1" : "0"];
  await writeFile(join(folder, file), value, { flag: "r+" });
}
