import type { CodeHost, RepositoryRef } from "../code-host/code-host.ts";
import type { Clients, Phase, RepositoryClient } from "./clients.ts";
import { statusOf } from "./failures.ts";
import { findOrCreatePullRequest } from "./propose.ts";
import { readMergeBase, readPullRequest, writePullRequestBody } from "./pull-requests.ts";
import { readComments, readFileText, readInfo, readIssue, readPermission } from "./read.ts";
import { writeCheckRun } from "./write-check-run.ts";
import { type KnownComments, writeComment } from "./write-comment.ts";

export type AppIdentity = { readonly id: number; readonly slug: string; readonly url: string };

/** One repository on GitHub. Nothing here can merge, approve, push by force or mark a draft ready. */
export function createCodeHost(
  clients: Clients,
  app: AppIdentity,
  repository: RepositoryRef,
): CodeHost {
  const known: KnownComments = new Map();
  const serially = inTurn();
  const on = <T>(phase: Phase, doing: string, body: (client: RepositoryClient) => Promise<T>) =>
    clients.use(repository, phase, doing, body);
  return {
    repository,
    mention: `@${app.slug}`,
    info: () => on("read", "show the repository", readInfo),
    permission: (login) =>
      on("read", "show a permission", (client) => readPermission(client, login)),
    issue: (number) => on("read", `show issue ${number}`, (client) => readIssue(client, number)),
    comments: (number) =>
      on("read", `show the comments of issue ${number}`, (client) => readComments(client, number)),
    removeLabel: (number, label) =>
      on("comment", "take the label off", (client) => removeLabel(client, number, label)),
    writeComment: (number, marker, text) =>
      serially(`comment ${marker}`, () =>
        on("comment", `comment on issue ${number}`, (client) =>
          writeComment(client, known, `${app.slug}[bot]`, number, marker, text),
        ),
      ),
    acknowledge: (commentId) =>
      on("comment", "react to a comment", (client) => acknowledge(client, commentId)),
    writeCheckRun: (marker, checkRun) =>
      serially(`check ${marker}`, () =>
        on("check", "write a check run", (client) =>
          writeCheckRun(client, app.id, marker, checkRun),
        ),
      ),
    remote: async (access) =>
      remoteOf(await clients.mint(repository, access === "read" ? "fetch" : "push")),
    readFile: (path) => on("read", `show ${path}`, (client) => readFileText(client, path)),
    async publish(proposal) {
      const pusher = await clients.mint(repository, "push");
      try {
        await proposal.push(remoteOf(pusher));
      } finally {
        await clients.revoke(pusher);
      }
      return serially(`branch ${proposal.branch}`, () =>
        on("propose", "open a draft pull request", (client) =>
          findOrCreatePullRequest(client, proposal),
        ),
      );
    },
    pullRequest: (number) =>
      on("read", `show pull request ${number}`, (client) => readPullRequest(client, number)),
    mergeBase: (branch, headSha) =>
      on("read", "compare two commits", (client) => readMergeBase(client, branch, headSha)),
    writePullRequestBody: (number, body) =>
      on("propose", `describe pull request ${number}`, (client) =>
        writePullRequestBody(client, number, body),
      ),
  };
}

function remoteOf({ cloneUrl, token }: RepositoryClient) {
  const credentials = Buffer.from(`x-access-token:${token}`).toString("base64");
  return { url: cloneUrl, authorization: `Basic ${credentials}` };
}

async function removeLabel(
  { octokit, owner, repo }: RepositoryClient,
  issueNumber: number,
  name: string,
): Promise<void> {
  try {
    await octokit.rest.issues.removeLabel({ owner, repo, issue_number: issueNumber, name });
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
  }
}

/** A comment that was deleted meanwhile needs no reaction. */
async function acknowledge(
  { octokit, owner, repo }: RepositoryClient,
  commentId: number,
): Promise<void> {
  try {
    const content = "eyes";
    await octokit.rest.reactions.createForIssueComment({
      owner,
      repo,
      comment_id: commentId,
      content,
    });
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
  }
}

/** What looks before it creates goes one at a time for each key: two at once would create twice. */
function inTurn() {
  const last = new Map<string, Promise<unknown>>();
  return <T>(key: string, body: () => Promise<T>): Promise<T> => {
    const turn = (last.get(key) ?? Promise.resolve()).then(body, body);
    last.set(key, turn);
    const forget = () => last.get(key) === turn && last.delete(key);
    turn.then(forget, forget);
    return turn;
  };
}
