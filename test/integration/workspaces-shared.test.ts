import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { expect, onTestFinished, test } from "vitest";
import {
  mountsBelow,
  shareFolder,
  unmountLater,
} from "../../src/sandbox/providers/docker/workspaces/mounts.ts";
import { openStateFolder } from "../../src/sandbox/providers/docker/workspaces/state-folder.ts";
import { canMount } from "./state-folder.ts";

async function stateFolder(): Promise<string> {
  const folder = await mkdtemp("/var/tmp/dunlin-shared-");
  onTestFinished(async () => {
    for (const mount of (await mountsBelow(folder)).toReversed()) await unmountLater(mount);
    await rm(folder, { recursive: true, force: true });
  });
  return folder;
}

const propagationOf = (folder: string) =>
  execFileSync("findmnt", ["-no", "PROPAGATION", folder], { encoding: "utf8" }).trim();

test.runIf(canMount)("a folder that somebody mounted and didn't share is shared", async () => {
  const folder = await stateFolder();
  execFileSync("mount", ["--bind", folder, folder]);
  execFileSync("mount", ["--make-private", folder]);
  await shareFolder(folder);
  expect(propagationOf(folder)).toBe("shared");
});

test.runIf(canMount)("of two that opened one state folder one has the turn at a time", async () => {
  const folder = await stateFolder();
  // As two processes have it: nothing of one is known to the other.
  const both = [await openStateFolder(folder), await openStateFolder(folder)];
  let within = 0;
  const most: number[] = [];
  const work = async () => {
    within += 1;
    await new Promise((resolve) => setImmediate(resolve));
    most.push(within);
    within -= 1;
  };
  await Promise.all([0, 1, 2, 3].flatMap(() => both.map(({ takeTurn }) => takeTurn(work))));
  expect(most).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
});
