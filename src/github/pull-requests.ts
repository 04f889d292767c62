import type { PullRequestState } from "../code-host/code-host.ts";
import { Failure } from "../errors.ts";
import { fitBody } from "./body.ts";
import type { RepositoryClient } from "./clients.ts";
import { statusOf } from "./failures.ts";

export async function readPullRequest(
  { octokit, owner, repo }: RepositoryClient,
  number: number,
): Promise<PullRequestState> {
  const { data } = await octokit.rest.pulls.get({ owner, repo, pull_number: number });
  return {
    number: data.number,
    url: data.html_url,
    title: data.title,
    body: data.body ?? "",
    state: data.state,
    headSha: data.head.sha,
    baseBranch: data.base.ref,
    // GitHub tells no repository for the head once its fork is deleted.
    isOwnBranch: data.head.repo?.id === data.base.repo.id,
  };
}

/** Of the comparison only this is used: one commit a page, and no page but the first has the files. */
export async function readMergeBase(
  { octokit, owner, repo }: RepositoryClient,
  branch: string,
  headSha: string,
): Promise<string> {
  try {
    const { data } = await octokit.rest.repos.compareCommitsWithBasehead({
      owner,
      repo,
      basehead: `${branch}...${headSha}`,
      per_page: 1,
      page: 2,
    });
    return data.merge_base_commit.sha;
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
    throw new Failure(
      "invalid-request",
      "no-common-history",
      "The pull request's commits and its target branch have no commit in common, or the branch is gone. Rebase the pull request on a branch that is there, then ask again.",
      { cause: error },
    );
  }
}

export async function writePullRequestBody(
  { octokit, owner, repo }: RepositoryClient,
  number: number,
  body: string,
): Promise<void> {
  await octokit.rest.pulls.update({ owner, repo, pull_number: number, body: fitBody(body) });
}
