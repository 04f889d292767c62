import { notAccessible, notFound, Refusal } from "../http/refusal.ts";
import {
  type Answer,
  type Call,
  created,
  NO_CONTENT,
  numberIn,
  ok,
  onRepository,
  page,
  type RepositoryCall,
  type Route,
  textIn,
} from "../http/route.ts";
import { hasRole } from "../world/accounts.ts";
import {
  addComment,
  commentShape,
  commentsOf,
  deleteComment,
  editComment,
} from "../world/comments.ts";
import { issueShape } from "../world/issue-shape.ts";
import { changeIssue, openIssue } from "../world/issues.ts";
import { labelShape } from "../world/label-shape.ts";
import { addLabels, removeLabel } from "../world/labels.ts";
import type { Comment, Issue } from "../world/world.ts";

type IssueBody = {
  readonly title?: string | number;
  readonly body?: string | null;
  readonly state?: "open" | "closed";
  readonly state_reason?: string | null;
  readonly labels?: readonly (string | { readonly name?: string })[];
};

type LabelsBody =
  | { readonly labels?: readonly (string | { readonly name?: string })[] }
  | readonly (string | { readonly name?: string })[];

const READ = ["issues:read", "pull_requests:read"];
const WRITE = ["issues:write", "pull_requests:write"];
const PAGES = ["per_page", "page"];
const ISSUE = "/repos/{owner}/{repo}/issues/{issue_number}";
const COMMENT = "/repos/{owner}/{repo}/issues/comments/{comment_id}";

export const issueRoutes: readonly Route[] = [
  onRepository(
    "GET /repos/{owner}/{repo}/issues",
    { needs: READ, takes: [...PAGES, "state", "labels", "creator", "since", "direction"] },
    listIssues,
  ),
  onRepository<IssueBody>(
    "POST /repos/{owner}/{repo}/issues",
    { needs: ["issues:write"], person: "read", takes: ["title", "body", "labels"] },
    async ({ world, repository, actor, body }) => {
      const { title = "", labels = [], ...rest } = body;
      const input = { ...rest, title: String(title), labels: names(labels) };
      const issue = await openIssue(world, repository, actor, input);
      return created(issueShape(world, repository, issue));
    },
  ),
  onRepository(`GET ${ISSUE}`, { needs: READ }, (call) =>
    ok(issueShape(call.world, call.repository, issueIn(call))),
  ),
  onRepository<IssueBody>(
    `PATCH ${ISSUE}`,
    { needs: WRITE, person: "read", takes: ["title", "body", "state", "state_reason"] },
    patchIssue,
  ),
  onRepository(`GET ${ISSUE}/comments`, { needs: READ, takes: [...PAGES, "since"] }, listComments),
  onRepository<{ readonly body: string }>(
    `POST ${ISSUE}/comments`,
    { needs: WRITE, person: "read", takes: ["body"] },
    (call) => {
      const { world, repository, actor, body } = call;
      const comment = addComment(world, repository, actor, issueIn(call), body.body);
      return created(commentShape(world, repository, comment));
    },
  ),
  onRepository(`GET ${COMMENT}`, { needs: READ }, (call) =>
    ok(commentShape(call.world, call.repository, commentIn(call))),
  ),
  onRepository<{ readonly body: string }>(
    `PATCH ${COMMENT}`,
    { needs: WRITE, person: "read", takes: ["body"] },
    (call) => {
      const comment = commentIn(call);
      refuseStranger(call, comment);
      editComment(call.world, call.repository, call.actor, comment, call.body.body);
      return ok(commentShape(call.world, call.repository, comment));
    },
  ),
  onRepository(`DELETE ${COMMENT}`, { needs: WRITE, person: "read" }, (call) => {
    const comment = commentIn(call);
    refuseStranger(call, comment);
    deleteComment(call.world, call.repository, call.actor, comment);
    return NO_CONTENT;
  }),
  onRepository(`GET ${ISSUE}/labels`, { needs: READ, takes: PAGES }, (call) =>
    page(call, issueIn(call).labels, (name) => labelShape(call.world, call.repository, name)),
  ),
  onRepository<LabelsBody>(
    `POST ${ISSUE}/labels`,
    { needs: WRITE, person: "triage", takes: ["labels"] },
    async (call) => {
      const given = Array.isArray(call.body)
        ? call.body
        : "labels" in call.body
          ? call.body.labels
          : [];
      await addLabels(call.world, call.repository, call.actor, issueIn(call), names(given ?? []));
      return ok(issueLabels(call));
    },
  ),
  onRepository(
    `DELETE ${ISSUE}/labels/{name}`,
    { needs: WRITE, person: "triage" },
    async (call) => {
      const issue = issueIn(call);
      if (
        !(await removeLabel(call.world, call.repository, call.actor, issue, textIn(call, "name")))
      ) {
        throw notFound("Label does not exist");
      }
      return ok(issueLabels(call));
    },
  ),
];

/** The issue that the path names; throws 404. */
export function issueIn(call: RepositoryCall): Issue {
  const issue = call.repository.issues.get(numberIn(call, "issue_number"));
  if (!issue) throw notFound();
  return issue;
}

export function commentIn(call: RepositoryCall): Comment {
  const comment = call.repository.comments.get(numberIn(call, "comment_id"));
  if (!comment) throw notFound();
  return comment;
}

function names(labels: readonly (string | { readonly name?: string })[]): readonly string[] {
  return labels.map((label) => (typeof label === "string" ? label : (label.name ?? "")));
}

function issueLabels(call: RepositoryCall) {
  return issueIn(call).labels.map((name) => labelShape(call.world, call.repository, name));
}

async function patchIssue(call: RepositoryCall<IssueBody>): Promise<Answer> {
  const { world, repository, actor, body } = call;
  const issue = issueIn(call);
  refuseStranger(call, issue);
  const { title, state_reason, ...rest } = body;
  await changeIssue(world, repository, actor, issue, {
    ...rest,
    ...(title === undefined ? {} : { title: String(title) }),
    ...(state_reason === undefined ? {} : { stateReason: state_reason }),
  });
  return ok(issueShape(world, repository, issue));
}

/** A person may change their own words, and everybody's with write access. */
function refuseStranger(call: RepositoryCall, written: Comment | Issue): void {
  if (call.token?.kind === "installation" || written.author.id === call.actor.id) return;
  if (!hasRole(call.repository, call.actor, "write")) throw notAccessible();
}

function listIssues(call: RepositoryCall): Promise<Answer> {
  const { world, repository, query } = call;
  const state = query.get("state") ?? "open";
  const labels = (query.get("labels") ?? "").split(",").filter(Boolean);
  const creator = query.get("creator")?.toLowerCase();
  const found = [...repository.issues.values()].filter(
    (issue) =>
      (state === "all" || issue.state === state) &&
      labels.every((label) => issue.labels.includes(label)) &&
      (!creator || issue.author.login.toLowerCase() === creator) &&
      isSince(call, issue),
  );
  if (query.get("direction") !== "asc") found.reverse();
  return page(call, found, (issue) => issueShape(world, repository, issue));
}

function listComments(call: RepositoryCall): Promise<Answer> {
  const { world, repository } = call;
  const found = commentsOf(repository, issueIn(call).number).filter((one) => isSince(call, one));
  return page(call, found, (comment) => commentShape(world, repository, comment));
}

function isSince(call: Call, one: { readonly updatedAt: string }): boolean {
  const since = call.query.get("since");
  if (since === null) return true;
  if (Number.isNaN(Date.parse(since))) throw new Refusal(422, "since is not a time");
  return Date.parse(one.updatedAt) >= Date.parse(since);
}
