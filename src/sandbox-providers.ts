import { availableParallelism } from "node:os";
import { Failure } from "./errors.ts";
import type { Log } from "./log.ts";
import type { SandboxProvider, SandboxSpec } from "./sandbox/sandbox.ts";
import type { Dialler } from "./sandbox/wire-host/dialler.ts";

/** What every provider is made with; each takes what concerns it. */
export type ProviderOptions = {
  /** Where the container engine is, as the Docker command line reads it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  /** The provider's own, on a real disk, for what outlives the process. */
  readonly stateFolder: string;
  /** A runtime with known escapes, or an emulated processor, where there is nothing better. */
  readonly weakAllowed: boolean;
  /** Docker's name of the only container runtime to use; else the strongest that works. */
  readonly runtime?: string;
  /** For every sandbox, beside those of its own. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Certificates of the host's own that commands need to reach anything, PEM. */
  readonly caBundle?: Uint8Array;
  /** Origins (`host:port`) that may be reached in a private network. */
  readonly privateOrigins?: readonly string[];
  /** One short line each time something that takes long is worth showing. */
  readonly onProgress?: (line: string) => void;
  readonly dialler?: Dialler;
  /** The most containers that wait for the sandboxes to come; none by default. */
  readonly poolSize?: number;
};

export type OverseenProvider = SandboxProvider & {
  /** Clears away what the provider's own bookkeeping has lost; returns how many things went. */
  readonly sweepOrphans?: () => Promise<number>;
  /** Resolves when the next sandbox of this kind would take no time to start. Throws as `create` does. */
  readonly warm?: (kind: Pick<SandboxSpec, "image" | "limits">) => Promise<void>;
};

export const PROVIDERS = {
  docker: async (options) => {
    const { createDockerProvider } = await import("./sandbox/providers/docker/docker-provider.ts");
    return createDockerProvider(options);
  },
  bubblewrap: async (options) => {
    if (!options.weakAllowed) throw tooWeak();
    const { createBubblewrapProvider } = await import(
      "./sandbox/providers/bubblewrap/bubblewrap-provider.ts"
    );
    return createBubblewrapProvider(options);
  },
  microvm: async ({ stateFolder, weakAllowed, ...options }) => {
    const { createMicrovmProvider } = await import(
      "./sandbox/providers/microvm/microvm-provider.ts"
    );
    return createMicrovmProvider({
      ...options,
      folder: stateFolder,
      emulationAllowed: weakAllowed,
    });
  },
} satisfies Record<string, (options: ProviderOptions) => Promise<OverseenProvider>>;

function tooWeak(): Failure {
  return new Failure(
    "invalid-request",
    "no-safe-runtime",
    "Bubblewrap shares the host's kernel and its programs with what runs inside, which is weaker than any container engine with gVisor. Install a container engine, or allow it (`allowWeak`, or DUNLIN_WEAK_SANDBOX=1).",
  );
}

/** What a sandbox has unless somebody says more: two, or all where there are fewer. */
export const USUAL_CPUS = Math.min(2, availableParallelism());

export type ProviderName = keyof typeof PROVIDERS;

/** In the data folder. */
export const STATE_FOLDERS: Readonly<Record<ProviderName, string>> = {
  docker: "sandboxes",
  bubblewrap: "bubblewrap",
  microvm: "microvm",
};
