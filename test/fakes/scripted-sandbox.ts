import type { ExecOptions, ExecResult, FileWrite, Sandbox } from "../../src/sandbox/sandbox.ts";
import { noState } from "./no-state.ts";

export type ScriptedAnswer = Partial<Omit<ExecResult, "stdout" | "stderr">> & {
  readonly out?: string;
  readonly err?: string;
};

/** A sandbox whose commands do nothing but end as told; keeps what it was asked. */
export function createScriptedSandbox(
  answer: (argv: readonly string[], options: ExecOptions) => ScriptedAnswer,
): Sandbox & {
  readonly commands: { readonly argv: readonly string[]; readonly options: ExecOptions }[];
  readonly written: FileWrite[];
} {
  const commands: { argv: readonly string[]; options: ExecOptions }[] = [];
  const written: FileWrite[] = [];
  const encoder = new TextEncoder();
  const unused = () => {
    throw new Error("the scripted sandbox has only commands");
  };
  return {
    commands,
    written,
    id: "scripted",
    isolation: {
      provider: "scripted",
      runtime: "none",
      userNamespace: false,
      weak: true,
      imageDigest: "",
      networkMode: "none",
    },
    ...noState,
    async exec(argv, options) {
      commands.push({ argv, options });
      const { out = "", err = "", end = "exit", ...rest } = answer(argv, options);
      const [stdout, stderr] = [encoder.encode(out), encoder.encode(err)];
      if (stdout.length > 0) await options.onOutput?.({ fd: 1, data: stdout });
      if (stderr.length > 0) await options.onOutput?.({ fd: 2, data: stderr });
      return {
        end,
        exitCode: end === "exit" ? 0 : null,
        signal: null,
        droppedBytes: 0,
        durationMs: 1,
        ...rest,
        stdout,
        stderr,
      };
    },
    async writeFiles(files) {
      written.push(...files);
    },
    readFile: unused,
    uploadTar: unused,
    downloadTar: unused,
    setEgress: unused,
    refusals: [],
    lost: new AbortController().signal,
    destroy: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
}
