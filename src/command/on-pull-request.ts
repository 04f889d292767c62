import type { CodeHost, PullRequestState, RepositoryRef } from "../code-host/code-host.ts";
import {
  archivedAnswer,
  closedPullRequestAnswer,
  forkAnswer,
  notAPullRequestAnswer,
} from "./answers.ts";
import type { AcceptCommand, VerifyCommand } from "./command.ts";
import { stripHiddenCharacters } from "./hidden-characters.ts";

type Asked = {
  readonly meaningKey: string;
  readonly repository: RepositoryRef;
  readonly issueNumber: number;
  readonly requestedBy: string;
};

type Answer = { readonly kind: "answer"; readonly text: string };

/** What is wanted of a pull request, and where it was said. */
export type PullRequestRequest = {
  readonly onPullRequest: boolean;
  readonly commentId: number;
  readonly wanted:
    | { readonly verb: "verify" }
    | { readonly verb: "accept"; readonly findings: readonly string[] };
};

/**
 * Freezes a pull request as the code host returns it now. The answer is Markdown for the person when there is nothing to
 * do: on an issue, a closed pull request, one of a fork, in an archived repository.
 */
export async function prepareOnPullRequest(
  host: CodeHost,
  asked: Asked,
  { onPullRequest, commentId, wanted }: PullRequestRequest,
): Promise<VerifyCommand | AcceptCommand | Answer> {
  if (!onPullRequest) return answer(notAPullRequestAnswer(host.mention));
  const pull = await host.pullRequest(asked.issueNumber);
  const refusal = await refuse(host, pull);
  if (refusal !== undefined) return answer(refusal);
  const { url, headSha, baseBranch } = pull;
  if (wanted.verb === "accept") {
    const comment = `${url}#issuecomment-${commentId}`;
    return { kind: "accept", ...asked, findings: wanted.findings, comment, headSha };
  }
  const title = stripHiddenCharacters(pull.title).replace(/\s+/g, " ").trim();
  return { kind: "verify", ...asked, pullRequest: { url, title, headSha, baseBranch } };
}

async function refuse(host: CodeHost, pull: PullRequestState): Promise<string | undefined> {
  if (!pull.isOwnBranch) return forkAnswer();
  if (pull.state === "closed") return closedPullRequestAnswer(host.mention);
  return (await host.info()).archived ? archivedAnswer() : undefined;
}

function answer(text: string): Answer {
  return { kind: "answer", text };
}
