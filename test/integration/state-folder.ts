import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { afterAll, beforeAll } from "vitest";
import {
  attachedFiles,
  mountsBelow,
  unmountLater,
} from "../../src/sandbox/providers/docker/workspaces/mounts.ts";

/** Whether this machine lets us mount at all; elsewhere workspaces are in memory. */
export const canMount = process.getuid?.() === 0 && existsSync("/dev/loop-control");

/** A folder on a real disk for a provider's state, gone with all mounts when the file's tests are over. */
export function useStateFolder(): { path: string } {
  const folder = { path: "" };
  beforeAll(async () => {
    folder.path = await mkdtemp("/var/tmp/dunlin-state-");
  });
  afterAll(async () => {
    for (const mount of (await mountsBelow(folder.path)).toReversed()) await unmountLater(mount);
    await rm(folder.path, { recursive: true, force: true });
  });
  return folder;
}

/** What of a state folder the kernel holds: mounts, and files that loop devices stand on. */
export async function heldBelow(folder: string): Promise<readonly string[]> {
  const loops = (await attachedFiles()).filter((file) => file.startsWith(folder));
  return [...(await mountsBelow(folder)), ...loops];
}

/** Bytes of the disk that everything in a folder takes. */
export function allocatedBytes(folder: string): number {
  const [kibibytes = ""] = execFileSync("du", ["-skx", folder], { encoding: "utf8" }).split("\t");
  return Number(kibibytes) * 1024;
}
