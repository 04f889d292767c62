import { rm } from "node:fs/promises";
import { mountsBelow, unmountLater } from "../../src/sandbox/providers/docker/workspaces/mounts.ts";

/** Removes a folder that held the data of a Dunlin: one that was killed leaves its mounts behind. */
export async function removeData(folder: string): Promise<void> {
  for (const mount of (await mountsBelow(folder)).toReversed()) await unmountLater(mount);
  await rm(folder, { recursive: true, force: true });
}
