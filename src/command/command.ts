import type { RepositoryRef } from "../code-host/code-host.ts";

type Asked = {
  /**
   * Made from what was asked (repository, issue, comment or labelling), not from how it arrived: the same request in
   * two deliveries has one key.
   */
  readonly meaningKey: string;
  readonly repository: RepositoryRef;
  readonly issueNumber: number;
  /** Login of the person whose write permission the host confirmed just now. */
  readonly requestedBy: string;
};

export type FrozenComment = { readonly author: string; readonly text: string };

/**
 * Resolve this issue. Its texts are as the host returned them when the request was read, without hidden parts; they are
 * untrusted all the same. With an `instruction`, a run that is open on the issue takes it as a steer instead.
 */
export type StartCommand = Asked & {
  readonly kind: "start";
  readonly issueUrl: string;
  readonly title: string;
  readonly body: string;
  /** By people with write access, oldest first. */
  readonly comments: readonly FrozenComment[];
  /** Comments left out because their authors have no write access, or because there are too many. */
  readonly omittedComments: number;
  /** What the comment that asked said after the mention; absent for a label or a bare "fix". */
  readonly instruction?: string;
};

/** End the open run on this issue, if there is one, and keep its patch. */
export type StopCommand = Asked & { readonly kind: "stop" };

/** Collect the evidence for a pull request of people's as it stands, with no model. */
export type VerifyCommand = Asked & {
  readonly kind: "verify";
  /** The pull request has the number `issueNumber`. */
  readonly pullRequest: {
    readonly url: string;
    readonly title: string;
    /** When it was asked for; what comes later is another matter. */
    readonly headSha: string;
    readonly baseBranch: string;
  };
};

/** Count findings of gates as in order, on the pull request's present head. */
export type AcceptCommand = Asked & {
  readonly kind: "accept";
  readonly findings: readonly string[];
  /** Address of the comment that says so. */
  readonly comment: string;
  /** The pull request's head just now. */
  readonly headSha: string;
};

export type Command = StartCommand | StopCommand | VerifyCommand | AcceptCommand;
