import { chmod, mkdir, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunSummary } from "../../src/run/summary.ts";
import { startGitHub } from "../github/github.ts";
import type { GitHubStandIn } from "../github/stand-in.ts";
import {
  type ScriptedModel,
  type ScriptedTurn,
  startScriptedModel,
} from "../model/scripted-model.ts";
import { type DunlinProcess, startDunlin } from "./dunlin-process.ts";
import { removeData } from "./remove-data.ts";
import { TOY_FILES, TOY_ISSUE } from "./toy-repository.ts";

export const REPOSITORY = "acme/toy";
export const MAINTAINER = "mara";
export const OUTSIDER = "olivia";

export type Stage = AsyncDisposable & {
  readonly github: GitHubStandIn;
  readonly model: ScriptedModel;
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** Starts Dunlin and lets GitHub deliver to it. */
  start(more?: Readonly<Record<string, string>>): Promise<DunlinProcess>;
  /** An outsider's issue, labelled by a maintainer; gives its number. */
  ask(issue?: { readonly title: string; readonly body: string }): Promise<number>;
};

/** GitHub, a scripted model and a data folder of their own: all a test of the whole App needs. */
export async function setStage(options: {
  readonly script: readonly ScriptedTurn[];
  readonly files?: Readonly<Record<string, string>>;
  /** Whether GitHub's own answers and events are compared with its description, which takes time. On by default. */
  readonly checkResponses?: boolean;
}): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), "dunlin-e2e-"));
  // The database's user must get through.
  await chmod(folder, 0o711);
  await mkdir(join(folder, "data"), { mode: 0o711 });
  const github = await startGitHub({
    folder: join(folder, "github"),
    checkResponses: options.checkResponses ?? true,
  });
  const model = await startScriptedModel({ script: options.script });
  await github.seedRepository(REPOSITORY, options.files ?? TOY_FILES, {
    roles: { [MAINTAINER]: "write" },
  });
  const env = environment(github, model, folder);
  const running = new Set<DunlinProcess>();
  return {
    github,
    model,
    folder,
    env,
    async start(more = {}) {
      const dunlin = await startDunlin({ ...env, ...more });
      running.add(dunlin);
      github.deliverTo(`${dunlin.url}/api/github/webhooks`);
      return dunlin;
    },
    async ask(issue = TOY_ISSUE) {
      const { number } = await github.openIssue(REPOSITORY, { ...issue, author: OUTSIDER });
      await github.label(REPOSITORY, number, "dunlin", MAINTAINER);
      return number;
    },
    async [Symbol.asyncDispose]() {
      for (const dunlin of running) await dunlin.stop();
      await model.close();
      await github.close();
      await removeData(folder);
    },
  };
}

/** How the next run to end ended. A restarted Dunlin may tell of one that ended before: `not` leaves it out. */
export async function endOfRun(dunlin: DunlinProcess, not?: RunSummary): Promise<RunSummary> {
  const line = await dunlin.line(
    (entry) => entry.msg === "run ended" && entry["run"] !== not?.run.id,
  );
  return line["summary"] as RunSummary;
}

function environment(github: GitHubStandIn, model: ScriptedModel, folder: string) {
  const inherited = [
    "DOCKER_HOST",
    "DUNLIN_RUNTIME",
    "NODE_EXTRA_CA_CERTS",
    "SSL_CERT_FILE",
  ].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(inherited),
    OPENAI_BASE_URL: model.baseUrl,
    OPENAI_API_KEY: "sk-e2e-canary-model-key-0123456789",
    DUNLIN_MODEL: "scripted",
    GITHUB_APP_ID: String(github.app.id),
    GITHUB_APP_PRIVATE_KEY_FILE: github.app.privateKeyPath,
    GITHUB_WEBHOOK_SECRET: github.app.webhookSecret,
    GITHUB_API_URL: github.url,
    DUNLIN_DATA_DIR: join(folder, "data"),
    DUNLIN_LOG: "debug",
    // Enough to be claimed from; more would only slow the tests.
    DUNLIN_POOL_SIZE: "1",
  };
}
