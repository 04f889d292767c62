import { notFound } from "../http/refusal.ts";
import {
  type Answer,
  created,
  numberIn,
  ok,
  onRepository,
  page,
  type RepositoryCall,
  type Route,
} from "../http/route.ts";
import { commitShape, readCommits } from "../world/commits.ts";
import { changedFiles, diffText, patchText } from "../world/diff.ts";
import { changeIssue } from "../world/issues.ts";
import { pullRange, pullShape, pullSummaryShape } from "../world/pull-shape.ts";
import { type NewPull, openPull } from "../world/pulls.ts";
import { isPull, type PullIssue } from "../world/world.ts";

const READ = ["pull_requests:read"];
const WRITE = ["pull_requests:write"];
const PAGES = ["per_page", "page"];
const PULL = "/repos/{owner}/{repo}/pulls/{pull_number}";

type PullBody = {
  readonly title?: string;
  readonly body?: string;
  readonly state?: "open" | "closed";
};

export const pullRoutes: readonly Route[] = [
  onRepository(
    "GET /repos/{owner}/{repo}/pulls",
    { needs: READ, takes: [...PAGES, "state", "head", "base", "direction"] },
    listPulls,
  ),
  onRepository<NewPull>(
    "POST /repos/{owner}/{repo}/pulls",
    { needs: WRITE, takes: ["title", "body", "head", "base", "draft"] },
    async ({ world, repository, actor, body }) => {
      const opened = await openPull(world, repository, actor, body);
      return created(await pullShape(world, repository, opened));
    },
  ),
  onRepository(`GET ${PULL}`, { needs: READ }, getPull),
  onRepository<PullBody>(
    `PATCH ${PULL}`,
    { needs: WRITE, takes: ["title", "body", "state"] },
    async (call) => {
      const { world, repository, actor, body } = call;
      const pull = pullIn(call);
      await changeIssue(world, repository, actor, pull, body);
      return ok(await pullShape(world, repository, pull));
    },
  ),
  onRepository(`GET ${PULL}/commits`, { needs: READ, takes: PAGES }, async (call) => {
    const { world, repository } = call;
    const { from, to } = await pullRange(repository, pullIn(call).pull);
    const commits = await readCommits(repository.folder, ["--reverse", to, "--not", from]);
    return page(call, commits, (commit) => commitShape(world, repository, commit));
  }),
  onRepository(`GET ${PULL}/files`, { needs: READ, takes: PAGES }, async (call) => {
    const { from, to } = await pullRange(call.repository, pullIn(call).pull);
    const files = await changedFiles(call.world, call.repository, from, to);
    return page(call, files, (file) => file);
  }),
];

function pullIn(call: RepositoryCall): PullIssue {
  const issue = call.repository.issues.get(numberIn(call, "pull_number"));
  if (!isPull(issue)) throw notFound();
  return issue;
}

async function getPull(call: RepositoryCall): Promise<Answer> {
  const pull = pullIn(call);
  const media = /application\/vnd\.github\.(?:v3\.)?(diff|patch)/.exec(call.accept)?.[1];
  if (!media) return ok(await pullShape(call.world, call.repository, pull));
  const { from, to } = await pullRange(call.repository, pull.pull);
  const write = media === "diff" ? diffText : patchText;
  const bytes = await write(call.repository.folder, from, to);
  return {
    status: 200,
    raw: { mediaType: `application/vnd.github.${media}; charset=utf-8`, bytes },
  };
}

function listPulls(call: RepositoryCall): Promise<Answer> {
  const { world, repository, query } = call;
  const state = query.get("state") ?? "open";
  const head = query.get("head");
  const base = query.get("base");
  const owner = repository.owner.login.toLowerCase();
  const found = [...repository.issues.values()]
    .filter(isPull)
    .filter(
      ({ pull, ...issue }) =>
        (state === "all" || issue.state === state) &&
        (base === null || pull.baseBranch === base) &&
        (head === null || matchesHead(head, owner, pull.headBranch)),
    );
  if (query.get("direction") !== "asc") found.reverse();
  return page(call, found, (issue) => pullSummaryShape(world, repository, issue));
}

/** GitHub filters by `owner:branch` and pays no heed to a head without an owner. */
function matchesHead(head: string, owner: string, branch: string): boolean {
  const colon = head.indexOf(":");
  if (colon < 0) return true;
  return head.slice(0, colon).toLowerCase() === owner && head.slice(colon + 1) === branch;
}
