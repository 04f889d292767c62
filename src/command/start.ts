import type { CodeHost, Comment, Issue, Person } from "../code-host/code-host.ts";
import {
  archivedAnswer,
  closedAnswer,
  editedAnswer,
  emptyAnswer,
  pullRequestAnswer,
} from "./answers.ts";
import type { FrozenComment, StartCommand } from "./command.ts";
import { stripHiddenCharacters } from "./hidden-characters.ts";
import { stripHidden } from "./hidden-text.ts";
import { mayAsk } from "./who-may-ask.ts";

// A thread can be endless, and each new author costs a request.
const MOST_COMMENTS = 100;

export type StartRequest = {
  readonly meaningKey: string;
  readonly issueNumber: number;
  readonly requestedBy: string;
  /** The texts that the person saw when asking, as the event carried them. */
  readonly seen: { readonly title: string; readonly body: string };
  readonly instruction?: string;
  /** The comment that asks; it is no part of the thread. */
  readonly commentId?: number;
};

/**
 * Freezes an issue as the code host returns it now. The answer is Markdown for the person when there is nothing to
 * start: a closed issue, a pull request, an archived or empty repository, or a text edited since it was asked for.
 */
export async function prepareStart(
  host: CodeHost,
  request: StartRequest,
  label: string,
): Promise<StartCommand | { readonly kind: "answer"; readonly text: string }> {
  const issue = await host.issue(request.issueNumber);
  const refusal = refuse(issue, request, host.mention, label) ?? (await refuseRepository(host));
  if (refusal !== undefined) return { kind: "answer", text: refusal };
  const thread = await host.comments(request.issueNumber);
  const others = thread.filter((comment) => isOthers(comment, request, host.mention));
  const comments = await byWriters(host, others.slice(-MOST_COMMENTS));
  return {
    kind: "start",
    meaningKey: request.meaningKey,
    repository: host.repository,
    issueNumber: request.issueNumber,
    requestedBy: request.requestedBy,
    issueUrl: issue.url,
    // A title is shown as it is: no markup in it is rendered.
    title: stripHiddenCharacters(issue.title).replace(/\s+/g, " ").trim(),
    body: stripHidden(issue.body),
    comments,
    omittedComments: others.length - comments.length,
    ...(request.instruction === undefined ? {} : { instruction: stripHidden(request.instruction) }),
  };
}

function refuse(
  issue: Issue,
  { seen }: StartRequest,
  mention: string,
  label: string,
): string | undefined {
  if (issue.isPullRequest) return pullRequestAnswer(mention);
  if (issue.state === "closed") return closedAnswer(mention, label);
  const edited = issue.title !== seen.title || issue.body !== seen.body;
  return edited ? editedAnswer(mention, label) : undefined;
}

async function refuseRepository(host: CodeHost): Promise<string | undefined> {
  const { archived, empty } = await host.info();
  if (archived) return archivedAnswer();
  return empty ? emptyAnswer() : undefined;
}

/** Neither the request itself nor what Dunlin wrote. */
function isOthers(comment: Comment, request: StartRequest, mention: string): boolean {
  const own = `${mention.slice(1)}[bot]`.toLowerCase();
  return comment.id !== request.commentId && comment.author?.login.toLowerCase() !== own;
}

async function byWriters(host: CodeHost, comments: readonly Comment[]): Promise<FrozenComment[]> {
  const known = new Map<string, Promise<boolean>>();
  const isWriter = (author: Person | null) => {
    const login = author?.login ?? "";
    const asked = known.get(login) ?? mayAsk(host, author);
    known.set(login, asked);
    return asked;
  };
  const kept: FrozenComment[] = [];
  for (const { author, body } of comments) {
    if (await isWriter(author)) kept.push({ author: author?.login ?? "", text: stripHidden(body) });
  }
  return kept;
}
