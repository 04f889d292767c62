import type { Webhooks } from "./webhooks.ts";

export type Account = {
  readonly id: number;
  readonly login: string;
  readonly type: "User" | "Bot" | "Organization";
};

/** A collaborator's role, GitHub's words. */
export type Role = "admin" | "maintain" | "write" | "triage" | "read" | "none";

/** A GitHub App's permissions, for example `{ contents: "write" }`. */
export type Permissions = Readonly<Record<string, "read" | "write">>;

export type App = {
  readonly id: number;
  readonly slug: string;
  readonly name: string;
  readonly clientId: string;
  readonly owner: Account;
  readonly bot: Account;
  readonly permissions: Permissions;
  readonly events: readonly string[];
  readonly publicKey: string;
  readonly createdAt: string;
};

export type Installation = {
  readonly id: number;
  readonly account: Account;
  readonly createdAt: string;
};

export type Label = {
  readonly id: number;
  readonly name: string;
  readonly color: string;
  readonly description: string | null;
};

export type Reaction = {
  readonly id: number;
  readonly user: Account;
  readonly content: string;
  readonly createdAt: string;
};

export type Comment = {
  readonly id: number;
  readonly issueNumber: number;
  readonly author: Account;
  readonly createdAt: string;
  readonly reactions: Reaction[];
  body: string;
  updatedAt: string;
};

/** What a pull request has beyond its issue. The commits and the diff come from git when asked for. */
export type Pull = {
  readonly id: number;
  readonly headBranch: string;
  /** Where the head branch is when it is not in this repository. */
  readonly fork?: Repository;
  readonly draft: boolean;
  baseBranch: string;
  /** The head when it was last pushed to; kept when the branch is gone. */
  headSha: string;
  baseSha: string;
};

export type Issue = {
  readonly id: number;
  readonly number: number;
  readonly author: Account;
  readonly createdAt: string;
  readonly reactions: Reaction[];
  readonly labels: string[];
  readonly pull: Pull | undefined;
  title: string;
  body: string | null;
  state: "open" | "closed";
  stateReason: string | null;
  updatedAt: string;
  closedAt: string | null;
};

/** An issue that is a pull request. */
export type PullIssue = Issue & { readonly pull: Pull };

export function isPull(issue: Issue | undefined): issue is PullIssue {
  return issue?.pull !== undefined;
}

export type Annotation = Readonly<Record<string, unknown>>;

export type CheckRun = {
  readonly id: number;
  readonly headSha: string;
  readonly annotations: Annotation[];
  name: string;
  externalId: string;
  detailsUrl: string | null;
  status: string;
  conclusion: string | null;
  startedAt: string;
  completedAt: string | null;
  title: string | null;
  summary: string | null;
  text: string | null;
};

export type Repository = {
  readonly id: number;
  readonly owner: Account;
  readonly name: string;
  readonly private: boolean;
  readonly archived: boolean;
  readonly defaultBranch: string;
  /** The bare repository, the only truth about commits, branches and diffs. */
  readonly folder: string;
  readonly installation: Installation | undefined;
  readonly createdAt: string;
  readonly roles: Map<string, Role>;
  readonly labels: Map<string, Label>;
  readonly issues: Map<number, Issue>;
  readonly comments: Map<number, Comment>;
  readonly checkRuns: Map<number, CheckRun>;
  pushedAt: string;
};

/** Who a request comes from. `bot` is how the app's own work is signed. */
export type Token =
  | { readonly kind: "person"; readonly account: Account }
  | {
      readonly kind: "installation";
      readonly account: Account;
      readonly installation: Installation;
      readonly repositoryIds: ReadonlySet<number> | "all";
      readonly permissions: Permissions;
      expiresAt: number;
    };

/** One ref that a push or the API moved. `forced` is true when the old commit is no ancestor of the new one. */
export type Push = {
  readonly repository: string;
  readonly ref: string;
  readonly before: string;
  readonly after: string;
  readonly forced: boolean;
  readonly by: string;
};

/** Everything the stand-in knows, except what git knows. */
export type World = {
  /** Where the stand-in answers, without a trailing slash. */
  readonly url: string;
  readonly folder: string;
  readonly app: App;
  readonly webhooks: Webhooks;
  readonly accounts: Map<string, Account>;
  readonly installations: Map<number, Installation>;
  readonly repositories: Map<string, Repository>;
  readonly tokens: Map<string, Token>;
  readonly pushes: Push[];
  nextId(): number;
  /** Compares an event with GitHub's description, when that is asked for. */
  checkEvent(event: string, payload: Readonly<Record<string, unknown>>): void;
};

/** GitHub's timestamps have no milliseconds. */
export function timestamp(milliseconds: number = Date.now()): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, "Z");
}

/** GitHub's opaque global id. */
export function nodeId(kind: string, id: number | string): string {
  return Buffer.from(`${kind}:${id}`).toString("base64");
}

export function fullName(repository: Repository): string {
  return `${repository.owner.login}/${repository.name}`;
}

export function apiUrl(world: World, repository: Repository): string {
  return `${world.url}/repos/${fullName(repository)}`;
}

export function pageUrl(world: World, repository: Repository): string {
  return `${world.url}/${fullName(repository)}`;
}

/** Finds a repository by `owner/name` in any case. */
export function findRepository(world: World, name: string): Repository | undefined {
  return world.repositories.get(name.toLowerCase());
}
