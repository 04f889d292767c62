import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { RunSummary } from "../src/run/summary.ts";
import { type DunlinProcess, startDunlin } from "../test/e2e/dunlin-process.ts";
import type { GitHubStandIn } from "../test/github/stand-in.ts";
import { checkCommand, keepBundle } from "./keep-bundle.ts";
import type { LiveView } from "./live-view.ts";
import type { Subject } from "./subject.ts";

/** A scripted model costs nothing. */
const FREE = { DUNLIN_INPUT_USD: "0", DUNLIN_OUTPUT_USD: "0" };
const OUTSIDER = "olivia-outside";
const MAINTAINER = "mara-maintainer";

export type Stage = {
  readonly github: GitHubStandIn;
  readonly subject: Subject;
  readonly view: LiveView;
  readonly folder: string;
  /** Of the scripted model; the environment names a real one otherwise. */
  readonly scriptedUrl: string | undefined;
  readonly keep: boolean;
};

export type Watched = {
  /** What `--json` writes. */
  readonly json: object;
  /** The pull request is open, a draft and verified. */
  readonly ok: boolean;
  readonly keptRunning?: DunlinProcess;
};

/** From an outsider's issue to the draft pull request, shown as it happens. */
export async function watchOneRun(stage: Stage): Promise<Watched> {
  const { github, subject, view } = stage;
  await github.seedRepository(subject.name, subject.folder, { roles: { [MAINTAINER]: "write" } });
  view.heading("Dunlin starts as a GitHub App");
  const dunlin = await startDunlin(await environment(stage));
  github.deliverTo(`${dunlin.url}/api/github/webhooks`);
  view.say(`  listening on ${dunlin.url}`);
  dunlin.onLine((line) => view.follow(line));
  const issue = await github.openIssue(subject.name, { ...subject.issue, author: OUTSIDER });
  view.heading(`${OUTSIDER} opens issue #${issue.number}: ${subject.issue.title}`);
  view.heading(`${MAINTAINER} puts the label "dunlin" on it`);
  await github.label(subject.name, issue.number, "dunlin", MAINTAINER);
  const ended = await dunlin.line((line) => line.msg === "run ended");
  const summary = ended["summary"] as RunSummary;
  const pull = [...github.repository(subject.name).issues.values()].find((one) => one.pull);
  const ok =
    summary.run.outcome === "verified" && pull?.state === "open" && pull.pull?.draft === true;
  show(stage, summary, issue.number);
  const kept = await keepBundle(summary, {
    dataFolder: join(stage.folder, "data"),
    repository: github.repository(subject.name).folder,
    url: dunlin.url,
  });
  if (kept !== undefined) {
    view.heading("The evidence, signed, for anybody to check");
    view.say(`  ${kept}\n  ${checkCommand(kept)}`);
  }
  if (!stage.keep) await dunlin.stop();
  return {
    json: resultOf(
      summary,
      { number: issue.number, url: issue.url },
      stage.scriptedUrl !== undefined,
    ),
    ok,
    ...(stage.keep ? { keptRunning: dunlin } : {}),
  };
}

async function environment({
  github,
  folder,
  scriptedUrl,
}: Stage): Promise<Record<string, string>> {
  const data = join(folder, "data");
  await mkdir(data, { mode: 0o711 });
  const inherited = ["OPENAI_API_KEY", "OPENAI_BASE_URL", "DUNLIN_MODEL", "DOCKER_HOST"]
    .concat("DUNLIN_RUNTIME", "DUNLIN_WEAK_SANDBOX", "DUNLIN_REGISTRIES")
    .concat("NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE")
    .flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    });
  return {
    ...Object.fromEntries(inherited),
    ...(scriptedUrl === undefined
      ? {}
      : {
          OPENAI_BASE_URL: scriptedUrl,
          OPENAI_API_KEY: "none",
          DUNLIN_MODEL: "scripted",
          ...FREE,
        }),
    GITHUB_APP_ID: String(github.app.id),
    GITHUB_APP_PRIVATE_KEY_FILE: github.app.privateKeyPath,
    GITHUB_WEBHOOK_SECRET: github.app.webhookSecret,
    GITHUB_API_URL: github.url,
    DUNLIN_DATA_DIR: data,
    DUNLIN_LOG: "debug",
  };
}

function show(
  { github, subject, view, keep }: Stage,
  summary: RunSummary,
  issueNumber: number,
): void {
  const { pullRequest, run } = summary;
  if (pullRequest === undefined) {
    view.heading(`No pull request: ${run.outcome}`);
    const comments = [...github.repository(subject.name).comments.values()];
    view.say(comments.at(-1)?.body ?? "");
    return;
  }
  view.heading(`Draft pull request #${pullRequest.number} for issue #${issueNumber}`);
  view.say(
    `  ${pullRequest.url}${keep ? "" : "  (there while the demonstration runs; --keep keeps it)"}\n`,
  );
  view.say(withoutLogs(pullRequest.body));
  view.heading("Time");
  for (const [phase, ms] of Object.entries(run.phasesMs)) {
    view.say(`  ${phase.padEnd(14)}${(ms / 1000).toFixed(1).padStart(7)} s`);
  }
  view.say(
    `  ${"in all".padEnd(14)}${(run.durationMs / 1000).toFixed(1).padStart(7)} s, ${run.turns} turns`,
  );
}

/** The logs are long, and folded on a page too. */
function withoutLogs(body: string): string {
  return body.replace(
    /<details><summary>(.*?)<\/summary>([\s\S]*?)<\/details>/g,
    (_, summary: string, log: string) => `▸ ${summary} (${log.split("\n").length} lines)`,
  );
}

function resultOf(
  summary: RunSummary,
  issue: { readonly number: number; readonly url: string },
  scripted: boolean,
): object {
  const { run, pullRequest, evidence, sandbox, model } = summary;
  const { outcome: _outcome, ...figures } = run;
  return {
    issue,
    run: figures,
    pullRequest,
    evidence,
    sandbox,
    model: { name: model.name, scripted },
  };
}
