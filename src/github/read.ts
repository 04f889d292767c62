import type { Comment, Issue, Permission, Person, RepositoryInfo } from "../code-host/code-host.ts";
import { Failure } from "../errors.ts";
import type { RepositoryClient } from "./clients.ts";
import { statusOf } from "./failures.ts";

type Account = { readonly login: string; readonly id: number; readonly type?: string };

export async function readInfo({
  octokit,
  owner,
  repo,
}: RepositoryClient): Promise<RepositoryInfo> {
  const { data } = await octokit.rest.repos.get({ owner, repo });
  // The repository's size is computed late; branches are the truth.
  const branches = await octokit.rest.repos.listBranches({ owner, repo, per_page: 1 });
  return {
    defaultBranch: data.default_branch,
    archived: data.archived || data.disabled,
    empty: branches.data.length === 0,
  };
}

/** An account that GitHub doesn't know has none. */
export async function readPermission(
  { octokit, owner, repo }: RepositoryClient,
  login: string,
): Promise<Permission> {
  try {
    const { data } = await octokit.rest.repos.getCollaboratorPermissionLevel({
      owner,
      repo,
      username: login,
    });
    return permissionOf(data.permission, data.role_name);
  } catch (error) {
    if (statusOf(error) === 404) return "none";
    throw error;
  }
}

/** A role of an organization's own has any name; what it may do says `base`, which knows four levels only. */
function permissionOf(base: string, role: string): Permission {
  switch (base) {
    case "admin":
      return "admin";
    case "write":
      return role === "maintain" ? "maintain" : "write";
    case "read":
      return role === "triage" ? "triage" : "read";
    default:
      return "none";
  }
}

export async function readIssue(
  { octokit, owner, repo }: RepositoryClient,
  number: number,
): Promise<Issue> {
  const { data } = await octokit.rest.issues.get({ owner, repo, issue_number: number });
  const home = `/repos/${owner}/${repo}`.toLowerCase();
  if (!data.repository_url.toLowerCase().endsWith(home)) {
    throw new Failure(
      "not-permitted",
      "issue-transferred",
      `Issue ${number} was moved to another repository. Ask again there.`,
    );
  }
  return {
    number: data.number,
    url: data.html_url,
    title: data.title,
    body: data.body ?? "",
    author: person(data.user),
    state: data.state === "closed" ? "closed" : "open",
    isPullRequest: data.pull_request !== undefined && data.pull_request !== null,
    labels: data.labels.flatMap((label) =>
      typeof label === "string" ? label : (label.name ?? []),
    ),
    updatedAt: data.updated_at,
  };
}

export async function readComments(
  { octokit, owner, repo }: RepositoryClient,
  issueNumber: number,
): Promise<readonly Comment[]> {
  const comments = await octokit.paginate(octokit.rest.issues.listComments, {
    owner,
    repo,
    issue_number: issueNumber,
    per_page: 100,
  });
  return comments.map((comment) => ({
    id: comment.id,
    author: person(comment.user),
    body: comment.body ?? "",
    createdAt: comment.created_at,
    updatedAt: comment.updated_at,
  }));
}

export async function readFileText(
  { octokit, owner, repo }: RepositoryClient,
  path: string,
): Promise<string | undefined> {
  try {
    const { data } = await octokit.rest.repos.getContent({ owner, repo, path });
    if (Array.isArray(data) || data.type !== "file") return undefined;
    if (data.encoding === "base64") return Buffer.from(data.content, "base64").toString("utf8");
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
  throw new Failure(
    "invalid-request",
    "file-too-large",
    `${path} is larger than GitHub hands out. Make it smaller, then ask again.`,
  );
}

function person(account: Account | null | undefined): Person | null {
  if (account === null || account === undefined) return null;
  const { login, id, type } = account;
  return { login, id, isBot: type === "Bot" || login.endsWith("[bot]") };
}
