import type { Failure } from "../errors.ts";

/** What Dunlin says to people when there is no run to say it. Markdown; each says what to do next. */

const commands = (mention: string, label: string) => `| Write | and Dunlin |
| --- | --- |
| \`${mention} fix\` | works on this issue (so does the label \`${label}\`) |
| \`${mention}\` and an instruction | starts with it, or takes it into the run under way |
| \`${mention} stop\` | ends the run and keeps its patch |
| \`${mention} verify\` on a pull request | runs its tests without and with the change, and sets a check run; no model takes part |
| \`${mention} accept-test-change NAME\` on a pull request | counts that finding about the tests as meant |
| \`${mention} help\` | shows this |`;

export function helpAnswer(mention: string, label: string): string {
  return `Dunlin works on an issue in a sandbox and opens a draft pull request with proof. People with write access can ask:\n\n${commands(mention, label)}`;
}

export function unknownAnswer(mention: string, label: string, word: string): string {
  const shown = word.replaceAll("`", "").slice(0, 40);
  return `There is no command \`${shown}\`, so nothing was started. To give an instruction, write it as a sentence.\n\n${commands(mention, label)}`;
}

export function notAllowedAnswer(mention: string): string {
  return `Dunlin takes requests only from people with write access to this repository, so nothing was started. A maintainer can ask by commenting \`${mention} fix\`.`;
}

export function editedAnswer(mention: string, label: string): string {
  return `The title or the text of this issue changed after the request, so nothing was started. Please read it again, then put the label \`${label}\` on again or comment \`${mention} fix\`.`;
}

export function closedAnswer(mention: string, label: string): string {
  return `This issue is closed, so nothing was started. Reopen it, then put the label \`${label}\` on again or comment \`${mention} fix\`.`;
}

export function pullRequestAnswer(mention: string): string {
  return `Dunlin works on issues, and this is a pull request, so nothing was done. Comment \`${mention} fix\` or an instruction on the issue. Here it takes \`${mention} verify\`, \`${mention} accept-test-change NAME\` and \`${mention} stop\`.`;
}

export function notAPullRequestAnswer(mention: string): string {
  return `This is an issue, and there is only a pull request's change to verify or accept, so nothing was done. Comment on the pull request, or \`${mention} fix\` here.`;
}

export function forkAnswer(): string {
  return "This pull request comes from a fork, and Dunlin runs only what people with write access have pushed, so nothing was run. Push the branch to this repository, open a pull request from there, then ask again on that one.";
}

export function closedPullRequestAnswer(mention: string): string {
  return `This pull request is closed, so nothing was done. Reopen it, then ask again with \`${mention} verify\`.`;
}

export function archivedAnswer(): string {
  return "This repository is archived and can't be changed, so nothing was started. Unarchive it in its settings, then ask again.";
}

export function emptyAnswer(): string {
  return "This repository has no commits yet, so there is nothing to work on. Push a first commit, then ask again.";
}

/** For a failure before there is a run. `reference` finds it in the log. */
export function failureAnswer(failure: Failure, reference: string): string {
  if (failure.kind === "bug") {
    return `Dunlin could not read this request because of a fault of its own. Nothing was started. Ask again; if it happens again, report it with the reference \`${reference}\`.`;
  }
  return `Dunlin could not do that. ${failure.message}`;
}
