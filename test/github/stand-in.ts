import { randomBytes } from "node:crypto";
import type { Violation } from "./http/api.ts";
import type { Fault, FaultOptions } from "./http/faults.ts";
import { type Received, type RecordedRequest, receivedPieces } from "./http/journal.ts";
import type { FrontDoor } from "./http/server.ts";
import { account } from "./world/accounts.ts";
import { addComment, commentShape, editComment } from "./world/comments.ts";
import type { Files } from "./world/fast-import.ts";
import { issueShape } from "./world/issue-shape.ts";
import { changeIssue, type IssueChange, type NewIssue, openIssue } from "./world/issues.ts";
import { addLabels, removeLabel } from "./world/labels.ts";
import { type NewPull, openPull, openPullOfFork } from "./world/pulls.ts";
import {
  type PersonalPush,
  pushFiles,
  type SeededRepository,
  type SeedOptions,
  seedRepository,
} from "./world/repositories.ts";
import type { CustomDelivery, Delivery } from "./world/webhooks.ts";
import type { Account, Issue, Push, Repository, Role, World } from "./world/world.ts";
import { findRepository } from "./world/world.ts";

type AppKeys = {
  /** PKCS#1 PEM. */
  readonly privateKey: string;
  readonly privateKeyPath: string;
  readonly webhookSecret: string;
};

type Posted = { readonly id: number; readonly url: string };

/** A running GitHub. Repositories are named `owner/name`; people are named by login and exist when first named. */
export type GitHubStandIn = {
  /** The API's base URL, and the base of clone URLs. */
  readonly url: string;
  readonly app: AppKeys & {
    readonly id: number;
    readonly slug: string;
    readonly clientId: string;
    /** How the app's own comments are signed, `slug[bot]`. */
    readonly botLogin: string;
  };

  /** Makes a repository with one commit of a folder's or a map's files. The app is installed unless said otherwise. */
  seedRepository(
    name: string,
    content: string | Files,
    options?: SeedOptions,
  ): Promise<SeededRepository>;
  /** What the stand-in knows of a repository, live: issues, comments, labels, check runs, its bare folder. */
  repository(name: string): Repository;
  setPermission(repository: string, login: string, role: Role): void;
  /** A token with which that person may use the API and git. */
  personToken(login: string): string;

  openIssue(
    repository: string,
    issue: NewIssue & { readonly author: string },
  ): Promise<Posted & { readonly number: number }>;
  editIssue(repository: string, number: number, change: IssueChange, by: string): Promise<void>;
  label(repository: string, number: number, label: string, by: string): Promise<void>;
  /** False when the label was not there. */
  unlabel(repository: string, number: number, label: string, by: string): Promise<boolean>;
  comment(repository: string, number: number, body: string, by: string): Posted;
  editComment(repository: string, commentId: number, body: string, by: string): void;
  /** A person's pull request of a pushed branch, which with `fromFork` counts as one of the person's own fork. */
  openPull(
    repository: string,
    pull: NewPull & { readonly fromFork?: boolean },
    by: string,
  ): Promise<Posted & { readonly number: number }>;
  /** A person's commit on a branch, which starts at the default branch; gives its id. */
  push(repository: string, push: PersonalPush, by: string): Promise<string>;

  /** From now on events go there. */
  deliverTo(webhookUrl: string | undefined): void;
  /** Sends an event of any content; ends with its outcome. */
  deliver(delivery: CustomDelivery): Promise<Delivery>;
  /** Sends the delivery with that guid once more. */
  redeliver(guid: string): Promise<Delivery>;
  /** The first delivery with a known outcome that `matches`, past or coming. */
  waitForDelivery(matches: (delivery: Delivery) => boolean): Promise<Delivery>;
  /** Ends when no delivery is under way. */
  settled(): Promise<void>;

  /** Makes the next matching requests fail. */
  fail(fault: FaultOptions): Readonly<Fault>;
  /** All installation tokens made so far are good no more. */
  expireTokens(): void;

  readonly requests: readonly Readonly<RecordedRequest>[];
  readonly deliveries: readonly Readonly<Delivery>[];
  readonly pushes: readonly Push[];
  /** Where a client, or with `checkResponses` the stand-in, differed from GitHub's description. */
  readonly violations: readonly Violation[];
  /** The first request that `matches`; looked at on arrival, with its body and when answered. */
  waitForRequest(matches: (request: RecordedRequest) => boolean): Promise<RecordedRequest>;
  /** Everything clients sent, request heads, bodies and pushed objects each as one piece. */
  receivedBytes(): AsyncGenerator<Received>;
  close(): Promise<void>;
};

export function standIn(
  world: World,
  door: FrontDoor,
  violations: readonly Violation[],
  keys: AppKeys,
  close: () => Promise<void>,
): GitHubStandIn {
  const { app, webhooks } = world;
  return {
    url: world.url,
    app: { ...keys, id: app.id, slug: app.slug, clientId: app.clientId, botLogin: app.bot.login },
    ...people(world),
    deliverTo: (url) => {
      webhooks.url = url;
    },
    deliver: (delivery) => webhooks.deliver(delivery),
    redeliver: (guid) => webhooks.redeliver(guid),
    waitForDelivery: (matches) =>
      webhooks.watch.until(() => webhooks.deliveries.find((one) => one.outcome && matches(one))),
    settled: () => webhooks.settled(),
    fail: (fault) => door.faults.add(fault),
    expireTokens: () => {
      for (const token of world.tokens.values()) {
        if (token.kind === "installation") token.expiresAt = 0;
      }
    },
    requests: door.requests,
    deliveries: webhooks.deliveries,
    pushes: world.pushes,
    violations,
    waitForRequest: (matches) => door.watch.until(() => door.requests.find(matches)),
    receivedBytes: () =>
      receivedPieces(
        door.requests,
        [...world.repositories.values()].map((repository) => repository.folder),
      ),
    close,
  };
}

type PeopleMethods =
  | "seedRepository"
  | "repository"
  | "setPermission"
  | "personToken"
  | "openIssue"
  | "editIssue"
  | "label"
  | "unlabel"
  | "comment"
  | "editComment"
  | "openPull"
  | "push";

function people(world: World): Pick<GitHubStandIn, PeopleMethods> {
  const person = (login: string): Account => account(world, login);
  const at = (name: string, number: number) => {
    const repository = known(world, name);
    return [repository, issueOf(repository, number)] as const;
  };
  return {
    seedRepository: (name, content, options) => seedRepository(world, name, content, options),
    repository: (name) => known(world, name),
    setPermission: (name, login, role) => {
      known(world, name).roles.set(person(login).login.toLowerCase(), role);
    },
    personToken: (login) => {
      const secret = `ghp_${randomBytes(18).toString("hex")}`;
      world.tokens.set(secret, { kind: "person", account: person(login) });
      return secret;
    },
    openIssue: async (name, { author, ...input }) => {
      const repository = known(world, name);
      const issue = await openIssue(world, repository, person(author), input);
      const { html_url } = issueShape(world, repository, issue);
      return { id: issue.id, number: issue.number, url: html_url };
    },
    editIssue: (name, number, change, by) =>
      changeIssue(
        world,
        known(world, name),
        person(by),
        issueOf(known(world, name), number),
        change,
      ),
    label: async (name, number, label, by) => {
      const [repository, issue] = at(name, number);
      await addLabels(world, repository, person(by), issue, [label]);
    },
    unlabel: async (name, number, label, by) => {
      const [repository, issue] = at(name, number);
      return removeLabel(world, repository, person(by), issue, label);
    },
    comment: (name, number, body, by) => {
      const [repository, issue] = at(name, number);
      const comment = addComment(world, repository, person(by), issue, body);
      return { id: comment.id, url: commentShape(world, repository, comment).html_url };
    },
    editComment: (name, commentId, body, by) => {
      const repository = known(world, name);
      const comment = repository.comments.get(commentId);
      if (!comment) throw new Error(`There is no comment ${commentId} in ${name}.`);
      editComment(world, repository, person(by), comment, body);
    },
    openPull: async (name, { fromFork = false, ...input }, by) => {
      const repository = known(world, name);
      const open = fromFork ? openPullOfFork : openPull;
      const pull = await open(world, repository, person(by), input);
      const { html_url } = issueShape(world, repository, pull);
      return { id: pull.id, number: pull.number, url: html_url };
    },
    push: (name, push, by) => pushFiles(world, known(world, name), person(by), push),
  };
}

function known(world: World, name: string): Repository {
  const repository = findRepository(world, name);
  if (!repository) throw new Error(`There is no repository ${name}; make it with seedRepository.`);
  return repository;
}

function issueOf(repository: Repository, number: number): Issue {
  const issue = repository.issues.get(number);
  if (!issue) throw new Error(`There is no issue #${number} in ${repository.name}.`);
  return issue;
}
