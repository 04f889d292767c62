import { appShape } from "./app-shape.ts";
import { emit } from "./events.ts";
import { gitText } from "./git.ts";
import type { Annotation, CheckRun, Repository, World } from "./world.ts";
import { apiUrl, nodeId, pageUrl, timestamp } from "./world.ts";

/** What creating and updating a check run share; the names are the API's. */
export type CheckRunInput = {
  readonly name?: string;
  readonly details_url?: string;
  readonly external_id?: string;
  readonly status?: string;
  readonly started_at?: string;
  readonly conclusion?: string;
  readonly completed_at?: string;
  readonly output?: {
    readonly title?: string;
    readonly summary: string;
    readonly text?: string;
    readonly annotations?: readonly Annotation[];
  };
};

export async function createCheckRun(
  world: World,
  repository: Repository,
  headSha: string,
  input: CheckRunInput,
): Promise<CheckRun> {
  const run: CheckRun = {
    id: world.nextId(),
    headSha,
    annotations: [],
    name: input.name ?? "",
    externalId: "",
    detailsUrl: `${world.url}/apps/${world.app.slug}`,
    status: "queued",
    conclusion: null,
    startedAt: timestamp(),
    completedAt: null,
    title: null,
    summary: null,
    text: null,
  };
  repository.checkRuns.set(run.id, run);
  apply(run, input);
  await tell(world, repository, run, "created");
  if (run.status === "completed") await tell(world, repository, run, "completed");
  return run;
}

/** Changes what is given; annotations are added to those that stand. */
export async function updateCheckRun(
  world: World,
  repository: Repository,
  run: CheckRun,
  input: CheckRunInput,
): Promise<void> {
  const before = run.status;
  apply(run, input);
  if (before !== "completed" && run.status === "completed") {
    await tell(world, repository, run, "completed");
  }
}

function apply(run: CheckRun, input: CheckRunInput): void {
  run.name = input.name ?? run.name;
  run.externalId = input.external_id ?? run.externalId;
  run.detailsUrl = input.details_url ?? run.detailsUrl;
  run.startedAt = input.started_at ?? run.startedAt;
  run.status = input.conclusion ? "completed" : (input.status ?? run.status);
  run.conclusion = run.status === "completed" ? (input.conclusion ?? run.conclusion) : null;
  run.completedAt = run.status === "completed" ? (input.completed_at ?? timestamp()) : null;
  applyOutput(run, input.output);
}

function applyOutput(run: CheckRun, output: CheckRunInput["output"]): void {
  if (!output) return;
  run.title = output.title ?? run.title;
  run.summary = output.summary;
  run.text = output.text ?? run.text;
  run.annotations.push(...(output.annotations ?? []));
}

/** The check runs of a commit; with `latest` only the newest of each name. */
export function checkRunsOf(repository: Repository, headSha: string, latest: boolean) {
  const all = [...repository.checkRuns.values()].filter((run) => run.headSha === headSha).reverse();
  if (!latest) return all;
  return all.filter((run, at) => all.findIndex((other) => other.name === run.name) === at);
}

async function tell(world: World, repository: Repository, run: CheckRun, action: string) {
  const check_suite = await suiteShape(world, repository, run);
  const check_run = { ...checkRunShape(world, repository, run), check_suite };
  emit(world, repository, world.app.bot, "check_run", { action, check_run });
}

/** GitHub's `check-run`. */
export function checkRunShape(world: World, repository: Repository, run: CheckRun) {
  const url = `${apiUrl(world, repository)}/check-runs/${run.id}`;
  return {
    id: run.id,
    node_id: nodeId("CheckRun", run.id),
    name: run.name,
    head_sha: run.headSha,
    external_id: run.externalId,
    url,
    html_url: `${pageUrl(world, repository)}/runs/${run.id}`,
    details_url: run.detailsUrl,
    status: run.status,
    conclusion: run.conclusion,
    started_at: run.startedAt,
    completed_at: run.completedAt,
    output: {
      title: run.title,
      summary: run.summary,
      text: run.text,
      annotations_count: run.annotations.length,
      annotations_url: `${url}/annotations`,
    },
    check_suite: { id: suiteId(run) },
    app: appShape(world),
    pull_requests: [],
  };
}

/** One suite a commit. */
function suiteId(run: CheckRun): number {
  return Number.parseInt(run.headSha.slice(0, 8), 16);
}

async function suiteShape(world: World, repository: Repository, run: CheckRun) {
  const branch = await branchAt(repository, run.headSha);
  return {
    id: suiteId(run),
    node_id: nodeId("CheckSuite", suiteId(run)),
    head_branch: branch,
    head_sha: run.headSha,
    status: run.status,
    conclusion: run.conclusion,
    url: `${apiUrl(world, repository)}/check-suites/${suiteId(run)}`,
    before: null,
    after: run.headSha,
    pull_requests: [],
    app: appShape(world),
    created_at: run.startedAt,
    updated_at: run.completedAt ?? run.startedAt,
  };
}

async function branchAt(repository: Repository, sha: string): Promise<string | null> {
  const args = ["for-each-ref", `--points-at=${sha}`, "--format=%(refname:strip=2)", "refs/heads"];
  const names = await gitText(repository.folder, args);
  return names.split("\n")[0] || null;
}
