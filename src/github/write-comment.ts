import { fitBody, markerLine } from "./body.ts";
import type { RepositoryClient } from "./clients.ts";
import { statusOf } from "./failures.ts";

/** Ids of comments that this process found or made, so that an edit needs no search. */
export type KnownComments = Map<string, number>;

type Written = { readonly url: string };

/**
 * Creates or edits the App's one comment that carries `marker`. A comment of somebody else's with the same marker is
 * left alone.
 */
export async function writeComment(
  client: RepositoryClient,
  known: KnownComments,
  botLogin: string,
  issueNumber: number,
  marker: string,
  text: string,
): Promise<Written> {
  const { octokit, owner, repo } = client;
  const line = markerLine(marker);
  const body = fitBody(`${line}\n${text}`);
  const key = `${issueNumber} ${line}`;
  const id = known.get(key) ?? (await findComment(client, botLogin, issueNumber, line));
  if (id !== undefined) {
    const edited = await editComment(client, id, body);
    if (edited !== undefined) {
      known.set(key, id);
      return edited;
    }
    known.delete(key);
  }
  const created = await octokit.rest.issues.createComment({
    owner,
    repo,
    issue_number: issueNumber,
    body,
  });
  known.set(key, created.data.id);
  return { url: created.data.html_url };
}

async function findComment(
  { octokit, owner, repo }: RepositoryClient,
  botLogin: string,
  issueNumber: number,
  line: string,
): Promise<number | undefined> {
  const pages = octokit.paginate.iterator(octokit.rest.issues.listComments, {
    owner,
    repo,
    issue_number: issueNumber,
    per_page: 100,
  });
  for await (const { data } of pages) {
    const own = data.find(
      (comment) => comment.user?.login === botLogin && comment.body?.startsWith(line) === true,
    );
    if (own !== undefined) return own.id;
  }
  return undefined;
}

/** Undefined when somebody deleted it. */
async function editComment(
  { octokit, owner, repo }: RepositoryClient,
  id: number,
  body: string,
): Promise<Written | undefined> {
  try {
    const { data } = await octokit.rest.issues.updateComment({ owner, repo, comment_id: id, body });
    return { url: data.html_url };
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}
