import type { IsolationKind } from "../../../src/sandbox/capabilities.ts";
import type { EgressPolicy } from "../../../src/sandbox/egress.ts";
import type { ExecResult, SandboxLimits } from "../../../src/sandbox/sandbox.ts";
import type { Program } from "./program.ts";

export const GROUPS = [
  "Host files and processes",
  "Devices and mounts",
  "Kernel interfaces",
  "/proc and /sys",
  "Set-uid programs and capabilities",
  "The guest",
  "The wire",
  "Resources",
  "Files coming out",
  "Egress",
  "Other sandboxes",
  "Time",
  "Secrets",
] as const;
export type Group = (typeof GROUPS)[number];

/** What Dunlin does with the sandbox after the program, or while it runs. */
export type Step = { readonly name: string } & (
  | { readonly do: "run"; readonly program: Program }
  | { readonly do: "read"; readonly path: string; readonly maxBytes: number }
  | {
      readonly do: "download";
      readonly folder: string;
      readonly paths: readonly string[];
      readonly maxBytes: number;
    }
  | { readonly do: "write"; readonly path: string; readonly text: string }
  | { readonly do: "upload"; readonly folder: string; readonly entries: readonly TarEntry[] }
  | { readonly do: "egress"; readonly policy: EgressPolicy }
  | { readonly do: "dial"; readonly port: number }
  | { readonly do: "pause" }
);

export type TarEntry = {
  readonly name: string;
  readonly type?: "file" | "symlink" | "link" | "directory" | "character-device" | "fifo";
  readonly mode?: number;
  readonly linkname?: string;
  readonly devmajor?: number;
  readonly devminor?: number;
  readonly text?: string;
};

export type CommandSeen = Pick<ExecResult, "exitCode" | "droppedBytes" | "durationMs"> & {
  /** `threw` when it was refused, `never` when it had not ended long after its time was over. */
  readonly end: ExecResult["end"] | "threw" | "never";
  readonly out: string;
  readonly err: string;
};

export type StepSeen = {
  readonly name: string;
  readonly end: "done" | "refused" | "never";
  /** What was read, printed or answered; the failure's code and message when it was refused. */
  readonly text: string;
  readonly bytes: number;
};

/** What is judged: all that one attack brought about. */
export type Observed = {
  readonly isolation: IsolationKind;
  readonly limits: SandboxLimits;
  readonly host: { readonly name: string; readonly bootParameters: string };
  readonly command: CommandSeen;
  readonly steps: readonly StepSeen[];
  /** What the other sandbox's program printed, where there is one. */
  readonly neighbour?: CommandSeen;
  /** `address:port` that Dunlin dialled for the sandbox. */
  readonly dialled: readonly string[];
  /** What servers got through Dunlin, a connection each: `host:port: bytes`, and `TOTAL number`. */
  readonly upstream: readonly string[];
};

export type Verdict = {
  readonly outcome: "held" | "ESCAPED" | "LEAKED" | "STUCK" | "UNPROVEN" | "not applicable here";
  /** Why it isn't `held`, or what is worth knowing although it is. */
  readonly notes: readonly string[];
};

export type Judge = {
  judge(observed: Observed): Verdict;
  /** Made-up observations of an attack that did harm, each of which must be seen. */
  readonly bites: readonly Observed[];
  /** A made-up observation of one that did none. */
  readonly calm: Observed;
};

export type AttackCase = Judge & {
  readonly id: string;
  /** Its number in the list of cases that the project began with. */
  readonly number?: number;
  readonly group: Group;
  /** One sentence: what it tries. */
  readonly aim: string;
  /** What success would look like. */
  readonly harm: string;
  readonly program: Program;
  /** Runs in a second sandbox at the same time, from before the program until after it. */
  readonly neighbour?: Program;
  /** While the program runs, from its line `READY` on. */
  readonly meanwhile?: readonly Step[];
  readonly after?: readonly Step[];
  /** It may break its sandbox, or must find it unused. */
  readonly fresh?: true;
  /** Its sandbox may reach the made-up hosts of `hosts.ts`. */
  readonly online?: true;
  readonly maxLifetimeMs?: number;
  /** The runner's own memory may grow by less than 64 MB meanwhile. */
  readonly boundedMemory?: true;
};
