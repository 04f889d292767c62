import type { EgressPolicy } from "../../src/sandbox/egress.ts";
import type {
  ExecOptions,
  ExecResult,
  Sandbox,
  SandboxProvider,
  SandboxSpec,
} from "../../src/sandbox/sandbox.ts";
import { noState } from "./no-state.ts";

export type MadeSandbox = {
  readonly spec: SandboxSpec;
  readonly commands: { readonly argv: readonly string[]; readonly egress: EgressPolicy["mode"] }[];
  /** As it is now. */
  egress: EgressPolicy["mode"];
  destroyed: boolean;
};

/** Makes sandboxes whose every command succeeds and says nothing; `made` has what was asked of each. */
export function fakeSandboxes(): SandboxProvider & {
  readonly made: MadeSandbox[];
  /** What the next probes find wrong. */
  problems: readonly string[];
} {
  const made: MadeSandbox[] = [];
  const provider = {
    name: "fake",
    made,
    problems: [] as readonly string[],
    probe: async () => {
      const ok = provider.problems.length === 0;
      return { ok, runtime: ok ? "runsc" : "", weak: false, findings: provider.problems };
    },
    create: async (spec: SandboxSpec) => {
      const one: MadeSandbox = {
        spec,
        commands: [],
        egress: spec.egress.mode,
        destroyed: false,
      };
      made.push(one);
      return quietSandbox(one);
    },
    connect: async () => {
      throw new Error("there is nothing to connect to");
    },
    list: async () => [],
    destroy: async () => "already-gone" as const,
    deleteSnapshot: async () => {},
    close: async () => {},
  };
  return provider;
}

function quietSandbox(made: MadeSandbox): Sandbox {
  const destroy = async () => {
    made.destroyed = true;
  };
  const done: ExecResult = {
    end: "exit",
    exitCode: 0,
    signal: null,
    stdout: new Uint8Array(),
    stderr: new Uint8Array(),
    droppedBytes: 0,
    durationMs: 1,
  };
  return {
    id: "quiet",
    isolation: {
      provider: "fake",
      runtime: "runsc",
      userNamespace: true,
      weak: false,
      imageDigest: "sha256:image",
      networkMode: "none",
    },
    ...noState,
    exec: async (argv: readonly string[], _options: ExecOptions) => {
      made.commands.push({ argv, egress: made.egress });
      return done;
    },
    readFile: async () => new Uint8Array(),
    writeFiles: async () => {},
    uploadTar: async () => {},
    downloadTar: async function* () {},
    setEgress: async (policy) => {
      made.egress = policy.mode;
    },
    refusals: [],
    lost: new AbortController().signal,
    destroy,
    [Symbol.asyncDispose]: destroy,
  };
}
