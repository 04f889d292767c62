import type { FileLines, MeasuredCoverage } from "../../src/check/coverage/measure-coverage.ts";
import type { SuiteRun } from "../../src/check/suite.ts";
import { Failure } from "../../src/errors.ts";
import type { MatrixPorts } from "../../src/evidence/runs/fresh-sandbox.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import type { FileChange, Patch } from "../../src/workspace/patch.ts";
import { noState } from "./no-state.ts";
import type { Outcomes } from "./suite-run.ts";
import { suiteRun } from "./suite-run.ts";

export const bytes = (text: string) => new TextEncoder().encode(text);
export const write = (path: string, text: string): FileChange => ({
  path,
  kind: "write",
  mode: "100644",
  data: bytes(text),
});

export const BASE: Readonly<Record<string, string>> = {
  "index.js": "buggy",
  "test/a.js": "test('one', (t) => {\n  t.ok(1);\n});\n",
};
export const FIX = write("index.js", "fixed");
export const TEST = write("test/new.js", "test('bug', (t) => {\n  t.equal(f(), 1);\n});\n");
export const patch = (...changes: readonly FileChange[]): Patch => ({
  baseSha: "b".repeat(40),
  changes,
});

type Seen = (
  wanted: readonly FileLines[],
  only: readonly string[] | undefined,
) => Omit<MeasuredCoverage, "suite">;

/** Sandboxes that are maps of files, and a runner whose results follow from those files. */
export function world(
  lose: (nth: number) => boolean = () => false,
  breaksOld: (test: Uint8Array | undefined) => boolean = () => false,
  coverage: Seen = () => ({ tools: [], files: [] }),
) {
  const made: { readonly files: Map<string, Uint8Array>; destroyed: boolean; egress: string }[] =
    [];
  const ran: {
    readonly sandbox: number;
    readonly files: readonly string[] | undefined;
    readonly zone: string | undefined;
  }[] = [];
  const commands: string[] = [];
  const covered: string[] = [];
  const ports: MatrixPorts = {
    freshSandbox: async () => {
      const state = {
        files: new Map(Object.entries(BASE).map(([path, text]) => [path, bytes(text)])),
        destroyed: false,
        egress: "",
      };
      made.push(state);
      return fakeSandbox(made.length - 1, state);
    },
    applyChanges: async (sandbox, changes) => {
      for (const change of changes) {
        const files = made[Number(sandbox.id)]?.files;
        if (change.kind === "delete") files?.delete(change.path);
        else files?.set(change.path, change.data);
      }
    },
    measureCoverage: async (sandbox, _project, { files, wanted }) => {
      covered.push(`${sandbox.id} ${files?.join(" ") ?? "all"}`);
      const command = files === undefined ? "npm test" : `npm test # only ${files.join(" ")}`;
      return { ...coverage(wanted, files), suite: suiteRun({}, { command }) };
    },
    runCommand: async (sandbox, _project, { command }) => {
      const files = made[Number(sandbox.id)]?.files;
      commands.push(`${sandbox.id} ${command}`);
      const complaints = new TextDecoder().decode(files?.get(`(${command} says)`));
      const { tests: _, ...run } = suiteRun({}, { command, exitCode: complaints === "" ? 0 : 2 });
      return { ...run, diagnostics: complaints.split("\n").filter((line) => line !== "") };
    },
    installAgain: async (sandbox) => {
      const state = made[Number(sandbox.id)];
      state?.files.set("(installed for)", state.files.get("package.json") ?? bytes("nothing"));
    },
    runSuite: async (sandbox, _project, options): Promise<SuiteRun> => {
      ran.push({
        sandbox: Number(sandbox.id),
        files: options.files,
        zone: options.env?.["TZ"],
      });
      if (lose(ran.length)) return suiteRun({}, { end: "lost", exitCode: null });
      const files = made[Number(sandbox.id)]?.files;
      const fixed = new TextDecoder().decode(files?.get("index.js")) === "fixed";
      const all: Outcomes = {
        "test/a.js > one": fixed && breaksOld(files?.get("test/a.js")) ? "assertion" : "pass",
        ...(files?.has("test/new.js") && { "test/new.js > bug": fixed ? "pass" : "assertion" }),
      };
      const wanted = Object.entries(all).filter(
        ([id]) => options.files?.some((file) => id.startsWith(file)) ?? true,
      );
      return suiteRun(Object.fromEntries(wanted));
    },
  };
  return { ports, made, ran, commands, covered };
}

function fakeSandbox(
  id: number,
  state: { readonly files: Map<string, Uint8Array>; destroyed: boolean; egress: string },
): Sandbox {
  const unused = () => {
    throw new Error("The matrix should not need this.");
  };
  const destroy = async () => {
    state.destroyed = true;
  };
  return {
    id: String(id),
    isolation: {
      provider: "docker",
      runtime: "runsc",
      userNamespace: true,
      weak: false,
      imageDigest: "sha256:image",
      networkMode: "none",
    },
    exec: unused,
    readFile: async (path) => {
      const data = state.files.get(path.replace("/workspace/", ""));
      if (data === undefined) throw new Failure("invalid-request", "no-such-file", "No such file.");
      return data;
    },
    writeFiles: unused,
    uploadTar: unused,
    downloadTar: unused,
    ...noState,
    setEgress: async (policy) => {
      state.egress = policy.mode;
    },
    refusals: [
      {
        host: "evil.example",
        port: 443,
        reason: "no network",
        command: `npm test ${id}`,
        count: 2,
      },
    ],
    lost: new AbortController().signal,
    destroy,
    [Symbol.asyncDispose]: destroy,
  };
}
