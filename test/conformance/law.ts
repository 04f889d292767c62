import type { Capabilities } from "../../src/sandbox/capabilities.ts";
import type { Context } from "./context.ts";

const sharesKernel = ({ isolation }: Capabilities) =>
  isolation !== "gvisor" && isolation !== "kata" && isolation !== "microvm";

/** What a backend may declare out, and only by its capabilities: a law that needs one is not asked of the others. */
export const NEEDS = {
  pause: (has) => has.pause,
  snapshot: (has) => has.snapshot,
  reconnect: (has) => has.reconnect,
  "a limit on processors": (has) => has.limits.includes("cpus"),
  "a limit on memory": (has) => has.limits.includes("memoryMiB"),
  "a limit on processes": (has) => has.limits.includes("pids"),
  "a limit on the workspace": (has) => has.limits.includes("workspaceMiB"),
  // A kernel of the sandbox's own pays for its files, and grants rights, from what it was given itself.
  "the host's kernel": sharesKernel,
} as const satisfies Record<string, (has: Capabilities) => boolean>;

export type Need = keyof typeof NEEDS;

/** One thing that users of the port rely on, whatever stands behind it. */
export type Law = {
  /** One sentence; no two laws have the same. */
  readonly promise: string;
  /** Left out: every provider has to keep it. */
  readonly needs?: Need;
  /** Throws when the promise isn't kept. */
  check(context: Context): Promise<void>;
};
