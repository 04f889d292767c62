export type RepositoryRef = {
  /** The host's own id; a renamed repository keeps it. */
  readonly id: number;
  readonly owner: string;
  readonly name: string;
  readonly installationId: number;
};

export type Permission = "admin" | "maintain" | "write" | "triage" | "read" | "none";

export type RepositoryInfo = {
  readonly defaultBranch: string;
  readonly archived: boolean;
  readonly empty: boolean;
};

export type Person = { readonly login: string; readonly id: number; readonly isBot: boolean };

export type Issue = {
  readonly number: number;
  readonly url: string;
  readonly title: string;
  readonly body: string;
  readonly author: Person | null;
  readonly state: "open" | "closed";
  readonly isPullRequest: boolean;
  readonly labels: readonly string[];
  readonly updatedAt: string;
};

export type Comment = {
  readonly id: number;
  readonly author: Person | null;
  readonly body: string;
  readonly createdAt: string;
  readonly updatedAt: string;
};

/** Where git fetches from or pushes to. `authorization` is a whole header value and is never logged or put in argv. */
export type Remote = { readonly url: string; readonly authorization?: string };

export type CheckConclusion = "success" | "neutral" | "failure" | "cancelled";

export type CheckRun = {
  readonly name: string;
  readonly headSha: string;
  readonly status: "in_progress" | "completed";
  readonly conclusion?: CheckConclusion;
  readonly title: string;
  readonly summary: string;
  readonly text?: string;
  /** `line` is 1-based in the head's file. */
  readonly annotations?: readonly {
    readonly path: string;
    readonly line: number;
    readonly level: "notice" | "warning" | "failure";
    readonly message: string;
  }[];
};

/** One commit on one new branch, to become one draft pull request. */
export type Proposal = {
  readonly issueNumber: number;
  readonly branch: string;
  readonly baseBranch: string;
  readonly baseSha: string;
  readonly headSha: string;
  readonly title: string;
  readonly body: string;
  /** The change as a unified diff, for a host without branches. */
  readonly patch: Uint8Array;
  /** Pushes `headSha` to `branch` as one new ref, never by force; succeeds when it already stands there. */
  push(remote: Remote): Promise<void>;
};

export type PullRequest = {
  readonly number: number;
  readonly url: string;
  readonly draft: boolean;
  readonly headSha: string;
  readonly baseSha: string;
};

/** A pull request as it stands now, whoever opened it. Its texts are untrusted. */
export type PullRequestState = {
  readonly number: number;
  readonly url: string;
  readonly title: string;
  readonly body: string;
  readonly state: "open" | "closed";
  readonly headSha: string;
  readonly baseBranch: string;
  /** Whether its branch is one of this repository and not of a fork. */
  readonly isOwnBranch: boolean;
};

/**
 * One repository on the host. Every effect is find-or-create by `marker` (the run's id), so that a step whose body runs
 * twice has one effect. Throws `unavailable` for what may pass, `not-permitted` for what the host refuses.
 */
export interface CodeHost {
  readonly repository: RepositoryRef;
  /** How people mention Dunlin here, with the `@`. */
  readonly mention: string;
  info(): Promise<RepositoryInfo>;
  permission(login: string): Promise<Permission>;
  issue(number: number): Promise<Issue>;
  /** Oldest first, all of them. */
  comments(issueNumber: number): Promise<readonly Comment[]>;
  /** Succeeds when the label is not there. */
  removeLabel(issueNumber: number, label: string): Promise<void>;
  /** Creates or edits the one comment that carries `marker`. */
  writeComment(
    issueNumber: number,
    marker: string,
    body: string,
  ): Promise<{ readonly url: string }>;
  acknowledge(commentId: number): Promise<void>;
  /** Creates or updates the one check run that carries `marker`. */
  writeCheckRun(marker: string, checkRun: CheckRun): Promise<{ readonly url: string }>;
  /** A remote good for about an hour with no more than the access asked for. */
  remote(access: "read" | "write"): Promise<Remote>;
  /** A file of the default branch, or undefined. */
  readFile(path: string): Promise<string | undefined>;
  publish(proposal: Proposal): Promise<PullRequest>;
  pullRequest(number: number): Promise<PullRequestState>;
  /** The commit at which `headSha` left the branch. Throws `invalid-request/no-common-history`. */
  mergeBase(branch: string, headSha: string): Promise<string>;
  /** Replaces the description of a pull request. */
  writePullRequestBody(number: number, body: string): Promise<void>;
}

/** All repositories that Dunlin is installed on. */
export interface CodeHosts {
  repository(ref: RepositoryRef): Promise<CodeHost>;
}
