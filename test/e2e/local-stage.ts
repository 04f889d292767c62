import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { git, writeFixture } from "../fakes/git-repository.ts";
import {
  type ScriptedModel,
  type ScriptedTurn,
  startScriptedModel,
} from "../model/scripted-model.ts";
import { removeData } from "./remove-data.ts";
import { TOY_FILES } from "./toy-repository.ts";

/** How a command of the command line ended. */
export type Ended = {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
};

/** A command under way. */
export type Running = {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
};

const CLI = new URL("../../src/cli.ts", import.meta.url).pathname;
const INHERITED = ["PATH", "HOME", "DOCKER_HOST", "DUNLIN_RUNTIME", "NODE_EXTRA_CA_CERTS"].concat(
  "SSL_CERT_FILE",
);

/** What a command needs of this machine, and nothing else of the environment. */
export function machineEnv(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    INHERITED.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

/** `dunlin ARGS` as a process of its own. */
export function startCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd = tmpdir(),
): Running {
  const child = spawn(process.execPath, [CLI, ...args], {
    env,
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
    });
  }
  const ended = once(child, "close").then(() => ({ code: child.exitCode, ...output }));
  return { child, ended };
}

export type LocalStage = AsyncDisposable & {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** A repository of these files, with one commit unless said otherwise; gives its folder. */
  repository(
    name: string,
    files?: Readonly<Record<string, string>>,
    options?: { readonly commit: boolean },
  ): Promise<string>;
  /** A model server of its own that plays this script. */
  model(script: readonly ScriptedTurn[]): Promise<ScriptedModel>;
  /** `dunlin run ARGS` with that model. */
  run(
    model: ScriptedModel | undefined,
    args: readonly string[],
    more?: Readonly<Record<string, string>>,
  ): Running;
};

/** A data folder of its own for runs without GitHub. */
export async function setLocalStage(): Promise<LocalStage> {
  const folder = await mkdtemp(join(tmpdir(), "dunlin-local-"));
  // The database's user must get through.
  await chmod(folder, 0o711);
  const data = join(folder, "data");
  await mkdir(data, { mode: 0o711 });
  const env = {
    ...machineEnv(),
    OPENAI_API_KEY: "sk-local-canary-key-0123456789",
    DUNLIN_MODEL: "scripted",
    DUNLIN_DATA_DIR: data,
  };
  const models: ScriptedModel[] = [];
  const commands: Running[] = [];
  return {
    folder,
    env,
    async repository(name, files = TOY_FILES, { commit } = { commit: true }) {
      const repository = join(folder, name);
      await mkdir(repository);
      for (const [path, content] of Object.entries(files)) {
        await writeFixture(repository, path, content);
      }
      git(repository, "init", "--quiet", "--initial-branch=main");
      git(repository, "add", "--all");
      if (commit) git(repository, "commit", "--quiet", "--message=Start");
      return repository;
    },
    async model(script) {
      const model = await startScriptedModel({ script });
      models.push(model);
      return model;
    },
    run(model, args, more = {}) {
      const address = model === undefined ? {} : { OPENAI_BASE_URL: model.baseUrl };
      const running = startCommand(["run", ...args], { ...env, ...address, ...more }, folder);
      commands.push(running);
      return running;
    },
    async [Symbol.asyncDispose]() {
      for (const { child, ended } of commands) {
        child.kill();
        await ended;
      }
      for (const model of models) await model.close();
      await removeData(folder);
    },
  };
}
