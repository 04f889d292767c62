import type { Proposal, PullRequest } from "../code-host/code-host.ts";
import { Failure } from "../errors.ts";
import { cutAt, fitBody } from "./body.ts";
import type { RepositoryClient } from "./clients.ts";
import { statusOf } from "./failures.ts";

/** The draft pull request of the proposal's branch, which was pushed. What a person did with an earlier one stands. */
export async function findOrCreatePullRequest(
  client: RepositoryClient,
  proposal: Proposal,
): Promise<PullRequest> {
  const existing = await findPullRequest(client, proposal);
  if (existing !== undefined) return existing;
  try {
    return await createDraft(client, proposal);
  } catch (error) {
    // "A pull request already exists": one that was made in between, or whose answer was lost.
    const other = statusOf(error) === 422 ? await findPullRequest(client, proposal) : undefined;
    if (other === undefined) throw error;
    return other;
  }
}

async function createDraft(
  { octokit, owner, repo }: RepositoryClient,
  proposal: Proposal,
): Promise<PullRequest> {
  const { data } = await octokit.rest.pulls.create({
    owner,
    repo,
    head: proposal.branch,
    base: proposal.baseBranch,
    title: cutAt(proposal.title, 256),
    body: fitBody(proposal.body),
    draft: true,
  });
  return pullRequest(data, proposal);
}

async function findPullRequest(
  { octokit, owner, repo }: RepositoryClient,
  proposal: Proposal,
): Promise<PullRequest | undefined> {
  const { data } = await octokit.rest.pulls.list({
    owner,
    repo,
    head: `${owner}:${proposal.branch}`,
    state: "all",
    per_page: 100,
  });
  // A fork of the same owner can have a branch of that name.
  const own = data.filter(({ head, base }) => head.repo?.id === base.repo.id);
  const open = own.find(({ state }) => state === "open");
  if (open !== undefined) return pullRequest(open, proposal);
  const [closed] = own;
  if (closed === undefined) return undefined;
  throw new Failure(
    "not-permitted",
    "pull-request-closed",
    `Pull request #${closed.number} of the branch ${proposal.branch} was closed, so no other was opened. Reopen it, or ask again for a new one.`,
  );
}

type Found = {
  readonly number: number;
  readonly html_url: string;
  readonly draft?: boolean;
  readonly head: { readonly sha: string };
};

/** `baseSha` is the commit that the proposal stands on; the base branch may have moved since. */
function pullRequest({ number, html_url, draft, head }: Found, proposal: Proposal): PullRequest {
  return {
    number,
    url: html_url,
    draft: draft === true,
    headSha: head.sha,
    baseSha: proposal.baseSha,
  };
}
