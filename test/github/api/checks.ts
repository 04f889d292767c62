import { notFound, Refusal } from "../http/refusal.ts";
import {
  type Answer,
  created,
  numberIn,
  ok,
  onRepository,
  page,
  type RepositoryCall,
  type Route,
  textIn,
} from "../http/route.ts";
import {
  type CheckRunInput,
  checkRunShape,
  checkRunsOf,
  createCheckRun,
  updateCheckRun,
} from "../world/checks.ts";
import { resolveCommit } from "../world/git.ts";
import type { Annotation, CheckRun } from "../world/world.ts";

const READ = ["checks:read"];
const WRITE = ["checks:write"];
const RUN = "/repos/{owner}/{repo}/check-runs/{check_run_id}";
const TAKES = ["name", "details_url", "external_id", "status", "started_at", "conclusion"];
TAKES.push("completed_at", "output");

export const checkRoutes: readonly Route[] = [
  onRepository<CheckRunInput & { readonly head_sha: string }>(
    "POST /repos/{owner}/{repo}/check-runs",
    { needs: WRITE, takes: [...TAKES, "head_sha"] },
    async (call) => {
      const { world, repository, body } = call;
      refusePerson(call);
      const commit = await resolveCommit(repository.folder, body.head_sha);
      if (commit !== body.head_sha) {
        throw new Refusal(422, `No commit found for SHA: ${body.head_sha}`);
      }
      const run = await createCheckRun(world, repository, commit, body);
      return created(checkRunShape(world, repository, run));
    },
  ),
  onRepository(`GET ${RUN}`, { needs: READ }, (call) =>
    ok(checkRunShape(call.world, call.repository, runIn(call))),
  ),
  onRepository<CheckRunInput>(`PATCH ${RUN}`, { needs: WRITE, takes: TAKES }, async (call) => {
    refusePerson(call);
    const run = runIn(call);
    await updateCheckRun(call.world, call.repository, run, call.body);
    return ok(checkRunShape(call.world, call.repository, run));
  }),
  onRepository(`GET ${RUN}/annotations`, { needs: READ, takes: ["per_page", "page"] }, (call) =>
    page(call, runIn(call).annotations, (one) => annotationShape(call, runIn(call), one)),
  ),
  onRepository(
    "GET /repos/{owner}/{repo}/commits/{ref}/check-runs",
    { needs: READ, takes: ["check_name", "status", "filter", "app_id", "per_page", "page"] },
    listCheckRuns,
  ),
];

function refusePerson(call: RepositoryCall): void {
  if (call.token?.kind === "installation") return;
  throw new Refusal(403, "You must authenticate via a GitHub App.");
}

function runIn(call: RepositoryCall): CheckRun {
  const run = call.repository.checkRuns.get(numberIn(call, "check_run_id"));
  if (!run) throw notFound();
  return run;
}

async function listCheckRuns(call: RepositoryCall): Promise<Answer> {
  const { world, repository, query } = call;
  const ref = textIn(call, "ref");
  const commit = await resolveCommit(repository.folder, ref);
  if (!commit) throw new Refusal(422, `No commit found for SHA: ${ref}`);
  const name = query.get("check_name");
  const status = query.get("status");
  const appId = query.get("app_id");
  const found = checkRunsOf(repository, commit, query.get("filter") !== "all").filter(
    (run) =>
      (name === null || run.name === name) &&
      (status === null || run.status === status) &&
      (appId === null || Number(appId) === world.app.id),
  );
  return page(
    call,
    found,
    (run) => checkRunShape(world, repository, run),
    (check_runs, total_count) => ({ total_count, check_runs }),
  );
}

function annotationShape(call: RepositoryCall, run: CheckRun, annotation: Annotation) {
  const path = String(annotation["path"]);
  return {
    start_column: null,
    end_column: null,
    title: null,
    raw_details: null,
    ...annotation,
    blob_href: `${call.world.url}/${call.repository.owner.login}/${call.repository.name}/blob/${run.headSha}/${path}`,
  };
}
