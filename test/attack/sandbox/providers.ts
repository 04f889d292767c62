import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLog } from "../../../src/log.ts";
import { createBubblewrapProvider } from "../../../src/sandbox/providers/bubblewrap/bubblewrap-provider.ts";
import { createDockerProvider } from "../../../src/sandbox/providers/docker/docker-provider.ts";
import type { SandboxProvider } from "../../../src/sandbox/sandbox.ts";
import type { Dialler } from "../../../src/sandbox/wire-host/dialler.ts";

export type ProviderWanted = {
  readonly runtime?: string;
  readonly dialler: Dialler;
};

/** Every provider that can be attacked, by the name that `--provider` takes. */
export const PROVIDERS: Readonly<Record<string, (wanted: ProviderWanted) => SandboxProvider>> = {
  docker: ({ runtime, dialler }) =>
    createDockerProvider({
      env: process.env,
      log: createLog("silent"),
      weakAllowed: true,
      dialler,
      ...(runtime === undefined ? {} : { runtime }),
    }),
  bubblewrap: ({ dialler }) =>
    createBubblewrapProvider({
      stateFolder: join(tmpdir(), "dunlin-bubblewrap-attack"),
      log: createLog("silent"),
      dialler,
    }),
};
