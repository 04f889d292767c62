import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { type Finding, ratio } from "../finding.ts";
import { inTurns, timed } from "../rounds.ts";
import { openPlace, succeed, TRUE } from "./place.ts";

const FILES = { much: 500, little: 5 } as const;

/** Forks of a workspace in which files of 1 MiB were changed, 500 and 5 of them, up to the fork's first command. */
export async function measureFork(runtime: string, rounds: number): Promise<readonly Finding[]> {
  await using place = await openPlace(runtime);
  await using much = await place.create();
  await using little = await place.create();
  await change(much, FILES.much);
  await change(little, FILES.little);
  const sides = { "500 MB": () => fork(much), "5 MB": () => fork(little) };
  const measured = await inTurns(sides, rounds);
  const what = "a fork with 500 MB changed ÷ a fork with 5 MB changed, both to the first command";
  const reason = "Whatever grows with what was changed was copied or written to the disk.";
  const about = { id: "fork", runtime, what, reason };
  return [ratio(about, measured, ["500 MB", "5 MB"], (ms) => ms["500 MB"] / ms["5 MB"])];
}

/** Bytes that no file system can leave out; they are on the disk when this is over, as a fork finds them in a run. */
async function change(sandbox: Sandbox, files: number): Promise<void> {
  const script = `for i in $(seq ${files}); do head -c 1048576 /dev/urandom > file-$i; done; sync`;
  await succeed(sandbox, ["sh", "-c", script]);
}

async function fork(sandbox: Sandbox): Promise<number> {
  let forked: Sandbox | undefined;
  try {
    return await timed(async () => {
      forked = await sandbox.fork();
      await succeed(forked, TRUE);
    });
  } finally {
    await forked?.destroy();
  }
}
