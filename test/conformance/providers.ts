import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import Docker from "dockerode";
import { chooseDataFolder } from "../../src/data-folder.ts";
import { createLog } from "../../src/log.ts";
import { createBubblewrapProvider } from "../../src/sandbox/providers/bubblewrap/bubblewrap-provider.ts";
import { createDockerProvider } from "../../src/sandbox/providers/docker/docker-provider.ts";
import { dockerOptions } from "../../src/sandbox/providers/docker/engine-socket.ts";
import { createMicrovmProvider } from "../../src/sandbox/providers/microvm/microvm-provider.ts";
import { readMachine } from "../../src/sandbox/providers/microvm/records.ts";
import type { SandboxProvider } from "../../src/sandbox/sandbox.ts";
import type { Outside } from "./outside.ts";

export type Settings = Pick<Outside, "dialler" | "privateOrigins"> & {
  /** The only runtime to use, where the provider has several. */
  readonly runtime?: string;
  /** For whatever it keeps on disk; on a real disk, and empty at first. */
  readonly stateFolder: string;
};

type Entry = {
  create(settings: Settings): SandboxProvider;
  /** Processor time that a sandbox has taken so far, as the host counts it; 0 where it keeps no count. */
  processorMs(id: string): Promise<number>;
};

/** The providers that can be asked. Another one is one more line, as long as it is in its own file. */
export const PROVIDERS: Readonly<Record<string, Entry>> = {
  docker: {
    // Plain runc is let in: nothing but the suite's own programs runs in these sandboxes.
    create: (settings) =>
      createDockerProvider({
        env: process.env,
        log: createLog("error"),
        weakAllowed: true,
        ...settings,
      }),
    processorMs: dockerProcessorMs,
  },
  bubblewrap: {
    create: ({ runtime: _, ...settings }) =>
      createBubblewrapProvider({
        log: createLog("error"),
        ...settings,
      }),
    processorMs: bubblewrapProcessorMs,
  },
  microvm: {
    create: ({ runtime: _, ...settings }) =>
      createMicrovmProvider({
        folder: MICROVM_FOLDER,
        log: createLog("error"),
        emulationAllowed: true,
        ...settings,
      }),
    processorMs: microvmProcessorMs,
  },
};

/** As the set-up prepares it: the disk is made there, not by the suite. */
const MICROVM_FOLDER = join(
  chooseDataFolder(process.env["DUNLIN_DATA_DIR"], { uid: process.getuid?.(), home: homedir() }),
  "microvm",
);

export function providerNamed(name: string): Entry {
  const entry = PROVIDERS[name];
  if (entry !== undefined) return entry;
  const known = Object.keys(PROVIDERS).join(", ");
  throw new Error(`There is no provider ${name || "without a name"}; give --provider ${known}.`);
}

async function dockerProcessorMs(id: string): Promise<number> {
  const container = new Docker(await dockerOptions(process.env)).getContainer(id);
  const stats = await container.stats({ stream: false, "one-shot": true });
  return stats.cpu_stats.cpu_usage.total_usage / 1e6;
}

/** What the processes that are in its control group have taken; those that have ended are not in it any more. */
async function bubblewrapProcessorMs(id: string): Promise<number> {
  const folders = ["freezer", ""].map((name) => join("/sys/fs/cgroup", name, `dunlin-${id}`));
  const lists = await Promise.all(
    folders.map((folder) => readFile(join(folder, "cgroup.procs"), "utf8").catch(() => "")),
  );
  const taken = lists
    .join("")
    .split("\n")
    .filter(Boolean)
    .map(async (pid) => Number((await readFile(`/proc/${pid}/schedstat`, "utf8")).split(" ")[0]));
  const nanoseconds = (await Promise.all(taken)).reduce((sum, value) => sum + value, 0);
  return nanoseconds / 1e6;
}

/** What the machine's own process has taken. */
async function microvmProcessorMs(id: string): Promise<number> {
  const found = await readMachine(join(MICROVM_FOLDER, "machines", id));
  const stat = await readFile(`/proc/${found?.machine?.pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[11]) + Number(fields[12]); // utime and stime, in hundredths of a second
  return ticks * 10;
}
