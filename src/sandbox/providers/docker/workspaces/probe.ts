import { chmod, stat } from "node:fs/promises";
import { join } from "node:path";
import type Docker from "dockerode";
import { deleteRecord } from "./records.ts";
import type { StateFolder } from "./state-folder.ts";
import { runTool, type Workshop } from "./tool-container.ts";
import type { Owner } from "./volume.ts";
import { type BindInside, type Sight, Workspace } from "./workspace.ts";

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
    const { exitCode, said } = await runTool(workshop, {
      imageDigest,
      argv: WRITE,
      mounts: workspace.mounts,
      limits: LIMITS,
      timeoutMs: TIMEOUT_MS,
      stdin: word(),
      async onStart(container) {
        const bind = bindByEngine(container);
        // Nobody knows yet who will come. A gVisor that remembers what it saw has to see it open the first time.
        const openToAll = () => chmod(workspace.view, 0o777);
        const bindInside: BindInside = (folder, over) => openToAll().then(() => bind(folder, over));
        await workspace.fill([], bindInside);
        const name = await workspace.snapshot(bindInside);
        await deleteRecord(join(state.places.snapshots, name));
        await openToAll();
      },
    });
    if (exitCode !== 0) throw new Error(`a container does not see them (${said || exitCode})`);
    const { uid, gid } = await stat(join(workspace.view, "made"));
    return { uid, gid };
  } finally {
    await workspace.release();
  }
}

/** No guest runs in here that could do it. */
function bindByEngine(container: Docker.Container): BindInside {
  return async (folder, over) => {
    const Cmd = ["mount", "--bind", folder, over];
    const exec = await container.exec({ Cmd, User: "0:0", Privileged: true, AttachStderr: true });
    for await (const _ of await exec.start({ hijack: true, stdin: false })); // ends with the program
    const { ExitCode } = await exec.inspect();
    if (ExitCode !== 0) throw new Error(`a container can't bind them (exit ${ExitCode})`);
  };
}

async function* word(): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode("go\n");
}
