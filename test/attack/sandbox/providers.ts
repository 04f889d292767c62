import { homedir } from "node:os";
import { join } from "node:path";
import { chooseDataFolder } from "../../../src/data-folder.ts";
import { createLog } from "../../../src/log.ts";
import { createBubblewrapProvider } from "../../../src/sandbox/providers/bubblewrap/bubblewrap-provider.ts";
import { createDockerProvider } from "../../../src/sandbox/providers/docker/docker-provider.ts";
import { createMicrovmProvider } from "../../../src/sandbox/providers/microvm/microvm-provider.ts";
import type { SandboxProvider } from "../../../src/sandbox/sandbox.ts";
import type { Dialler } from "../../../src/sandbox/wire-host/dialler.ts";

export type ProviderWanted = {
  readonly runtime?: string;
  readonly dialler: Dialler;
  /** Empty at first, for what a provider keeps. */
  readonly stateFolder: string;
};

const log = createLog("silent");

/** Every provider that can be attacked, by the name that `--provider` takes. */
export const PROVIDERS: Readonly<Record<string, (wanted: ProviderWanted) => SandboxProvider>> = {
  docker: ({ runtime, dialler }) =>
    createDockerProvider({
      env: process.env,
      log,
      weakAllowed: true,
      dialler,
      ...(runtime === undefined ? {} : { runtime }),
    }),
  bubblewrap: ({ dialler, stateFolder }) => createBubblewrapProvider({ log, dialler, stateFolder }),
  microvm: ({ dialler }) =>
    createMicrovmProvider({ log, dialler, emulationAllowed: true, folder: microvmFolder() }),
};

/** As the set-up prepares it. */
function microvmFolder(): string {
  const whose = { uid: process.getuid?.(), home: homedir() };
  return join(chooseDataFolder(process.env["DUNLIN_DATA_DIR"], whose), "microvm");
}
