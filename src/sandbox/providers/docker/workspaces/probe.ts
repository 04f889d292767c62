import { chmod, stat } from "node:fs/promises";
import { join } from "node:path";
import { deleteRecord } from "./records.ts";
import type { StateFolder } from "./state-folder.ts";
import { runTool, type Workshop } from "./tool-container.ts";
import type { Owner } from "./volume.ts";
import { type Sight, Workspace } from "./workspace.ts";

const LIMITS = { cpus: 1, memoryMiB: 128, pids: 64, workspaceMiB: 16 };
const TIMEOUT_MS = 60_000;
/** Waits for the word, then writes into what was mounted in the meantime. */
const WRITE = ["/bin/sh", "-c", "read -r go && echo seen > /workspace/made"];

export function sightOf({ choice }: Pick<Workshop, "choice">): Sight {
  return choice.isGvisor ? "below" : "at-once";
}

/**
 * Mounts a workspace from here, freezes it and writes to what came after from inside a container. Returns who the job's
 * user is to the host. Throws with the reason when any of it doesn't work: the engine is on another machine, has another
 * view of the file system, or its runtime shows no mounts.
 */
export async function probeMounts(
  workshop: Workshop,
  state: StateFolder,
  imageDigest: string,
): Promise<Owner> {
  const nobody = { uid: 0, gid: 0 };
  const workspace = await Workspace.reserve({
    state,
    owner: nobody,
    sight: sightOf(workshop),
    mebibytes: LIMITS.workspaceMiB,
    outlivesProcess: false,
  });
  try {
    if (workspace.fillsFirst) await workspace.fill([]);
    const { exitCode, said } = await runTool(workshop, {
      imageDigest,
      argv: WRITE,
      mounts: workspace.mounts,
      limits: LIMITS,
      timeoutMs: TIMEOUT_MS,
      stdin: word(),
      async onStart(container) {
        if (!workspace.fillsFirst) await workspace.fill([]);
        const name = await workspace.snapshot(container);
        await deleteRecord(join(state.places.snapshots, name));
        // Nobody knows yet who will come.
        await chmod(workspace.view, 0o777);
      },
    });
    if (exitCode !== 0) throw new Error(`a container does not see them (${said || exitCode})`);
    const { uid, gid } = await stat(join(workspace.view, "made"));
    return { uid, gid };
  } finally {
    await workspace.release();
  }
}

async function* word(): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode("go\n");
}
