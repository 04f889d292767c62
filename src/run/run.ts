import type { RepositoryRef } from "../code-host/code-host.ts";

/** `reported`: the evidence for a pull request of people's is there. */
export type RunState =
  | "queued"
  | "working"
  | "waiting"
  | "proposed"
  | "reported"
  | "failed"
  | "cancelled";

/** What a person asked for, frozen when it was asked. Untrusted text all the same. */
export type RunRequest = {
  /** Stable: made from the meaning of the request, so that the same request twice is one run. */
  readonly id: string;
  readonly repository: RepositoryRef;
  readonly issueNumber: number;
  /** Absent for a task of the command line: its number only tells tasks of a repository apart. */
  readonly issueUrl?: string;
  readonly title: string;
  readonly body: string;
  /** Login of the person whose write permission was confirmed. */
  readonly requestedBy: string;
  /** Comments by people with write access, oldest first. */
  readonly comments: readonly { readonly author: string; readonly text: string }[];
  /** How many comments were left out because their authors have no write access. */
  readonly omittedComments: number;
  /** The instruction of the comment that asked, if any. */
  readonly instruction?: string;
  /** People's pull request, which has the number `issueNumber`, when its evidence is all that is wanted. */
  readonly pullRequest?: { readonly headSha: string; readonly baseBranch: string };
};

/** Null when there is no issue. */
export function issueNumberOf({ issueNumber, issueUrl }: RunRequest): number | null {
  return issueUrl === undefined ? null : issueNumber;
}

/** `owner/name`, or a folder's name for a task of the command line. */
export function repositoryName({ repository, issueUrl }: RunRequest): string {
  return issueUrl === undefined ? repository.name : `${repository.owner}/${repository.name}`;
}

export type Run = {
  readonly request: RunRequest;
  readonly state: RunState;
  /** Short code of how it ended, e.g. `verified` or `limit-reached/cost`. */
  readonly outcome?: string;
  readonly pullRequestNumber?: number;
};

/** States in which a run still holds or awaits work. */
export function isOpen(state: RunState): boolean {
  return state === "queued" || state === "working" || state === "waiting";
}
