import { notFound } from "../http/refusal.ts";
import {
  type Answer,
  onRepository,
  page,
  type RepositoryCall,
  type Route,
  textIn,
} from "../http/route.ts";
import { commitShape, readCommit, readCommits } from "../world/commits.ts";
import { changedFiles, mergeBase } from "../world/diff.ts";
import { resolveCommit } from "../world/git.ts";
import { apiUrl, pageUrl } from "../world/world.ts";

export const compareRoute: Route = onRepository(
  "GET /repos/{owner}/{repo}/compare/{basehead}",
  { needs: ["contents:read"], takes: ["per_page", "page"] },
  compare,
);

/** Three dots, as GitHub compares: from where the head left the base. Unrelated histories are not found. */
async function compare(call: RepositoryCall): Promise<Answer> {
  const { world, repository, query } = call;
  const { folder } = repository;
  const [baseName = "", headName = ""] = textIn(call, "basehead").split("...");
  const [base, head] = await Promise.all([
    resolveCommit(folder, baseName),
    resolveCommit(folder, headName),
  ]);
  const from = base && head && (await mergeBase(folder, base, head));
  if (!base || !head || !from) throw notFound();
  const shape = async (sha: string) =>
    commitShape(world, repository, await readCommit(folder, sha));
  const ahead = await readCommits(folder, ["--reverse", head, "--not", base]);
  const behind = await readCommits(folder, [base, "--not", head]);
  const files = Number(query.get("page") ?? 1) === 1;
  const url = `${pageUrl(world, repository)}/compare/${baseName}...${headName}`;
  const about = {
    url: `${apiUrl(world, repository)}/compare/${baseName}...${headName}`,
    html_url: url,
    permalink_url: url,
    diff_url: `${url}.diff`,
    patch_url: `${url}.patch`,
    base_commit: await shape(base),
    merge_base_commit: await shape(from),
    status: statusOf(ahead.length, behind.length),
    ahead_by: ahead.length,
    behind_by: behind.length,
    total_commits: ahead.length,
    ...(files && { files: await changedFiles(world, repository, from, head) }),
  };
  return page(
    call,
    ahead,
    (commit) => commitShape(world, repository, commit),
    (commits) => ({ ...about, commits }),
  );
}

function statusOf(ahead: number, behind: number): string {
  if (ahead > 0 && behind > 0) return "diverged";
  if (ahead > 0) return "ahead";
  return behind > 0 ? "behind" : "identical";
}
