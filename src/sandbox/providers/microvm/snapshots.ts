import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, chown, rm } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../../../errors.ts";
import type { RunningMachine } from "./machine.ts";
import { MACHINE_FILES } from "./qemu-arguments.ts";
import { copySparse } from "./workspace-disk.ts";

/** Copies a machine's workspace as it is between two commands; returns the snapshot's name. */
export async function takeSnapshot(folder: string, machine: RunningMachine): Promise<string> {
  const { orders, place } = machine;
  const name = `snapshot-${randomBytes(12).toString("hex")}`;
  const target = join(folder, name);
  await orders.give("hold"); // all of it on the disk, and nothing changes
  try {
    await copySparse(join(place.folder, MACHINE_FILES.workspace), target);
    await chmod(target, 0o600);
    if (place.user !== undefined) await chown(target, 0, 0);
    return name;
  } catch (error) {
    await rm(target, { force: true });
    throw error;
  } finally {
    await orders.give("release");
  }
}

/** Throws `invalid-request/no-such-snapshot`. */
export function findSnapshot(folder: string, name: string): string {
  const path = join(folder, name);
  if (isSnapshotName(name) && existsSync(path)) return path;
  throw new Failure(
    "invalid-request",
    "no-such-snapshot",
    `There is no snapshot ${name} of a micro-VM; start without one, or take it anew.`,
  );
}

export async function deleteSnapshot(folder: string, name: string): Promise<void> {
  if (isSnapshotName(name)) await rm(join(folder, name), { force: true });
}

function isSnapshotName(name: string): boolean {
  return /^snapshot-[0-9a-f]{24}$/.test(name);
}
