import { accountShape } from "./accounts.ts";
import type { Repository, World } from "./world.ts";
import { apiUrl, fullName, nodeId, pageUrl } from "./world.ts";

const RESOURCES = [
  "archive_url:/{archive_format}{/ref}",
  "assignees_url:/assignees{/user}",
  "blobs_url:/git/blobs{/sha}",
  "branches_url:/branches{/branch}",
  "collaborators_url:/collaborators{/collaborator}",
  "comments_url:/comments{/number}",
  "commits_url:/commits{/sha}",
  "compare_url:/compare/{base}...{head}",
  "contents_url:/contents/{+path}",
  "contributors_url:/contributors",
  "deployments_url:/deployments",
  "downloads_url:/downloads",
  "events_url:/events",
  "forks_url:/forks",
  "git_commits_url:/git/commits{/sha}",
  "git_refs_url:/git/refs{/sha}",
  "git_tags_url:/git/tags{/sha}",
  "hooks_url:/hooks",
  "issue_comment_url:/issues/comments{/number}",
  "issue_events_url:/issues/events{/number}",
  "issues_url:/issues{/number}",
  "keys_url:/keys{/key_id}",
  "labels_url:/labels{/name}",
  "languages_url:/languages",
  "merges_url:/merges",
  "milestones_url:/milestones{/number}",
  "notifications_url:/notifications{?since,all,participating}",
  "pulls_url:/pulls{/number}",
  "releases_url:/releases{/id}",
  "stargazers_url:/stargazers",
  "statuses_url:/statuses/{sha}",
  "subscribers_url:/subscribers",
  "subscription_url:/subscription",
  "tags_url:/tags",
  "teams_url:/teams",
  "trees_url:/git/trees{/sha}",
];

/** GitHub's `full-repository`, which holds all that the shorter shapes need. */
export function repositoryShape(world: World, repository: Repository) {
  const api = apiUrl(world, repository);
  const page = pageUrl(world, repository);
  const open = [...repository.issues.values()].filter((issue) => issue.state === "open").length;
  return {
    id: repository.id,
    node_id: nodeId("Repository", repository.id),
    name: repository.name,
    full_name: fullName(repository),
    private: repository.private,
    owner: accountShape(world, repository.owner),
    html_url: page,
    url: api,
    ...Object.fromEntries(RESOURCES.map((resource) => resourceUrl(api, resource))),
    clone_url: `${page}.git`,
    git_url: `${page}.git`.replace(/^http/, "git"),
    ssh_url: `git@localhost:${fullName(repository)}.git`,
    svn_url: page,
    mirror_url: null,
    description: null,
    homepage: null,
    language: null,
    license: null,
    fork: false,
    archived: repository.archived,
    disabled: false,
    visibility: repository.private ? "private" : "public",
    default_branch: repository.defaultBranch,
    created_at: repository.createdAt,
    updated_at: repository.createdAt,
    pushed_at: repository.pushedAt,
    size: 0,
    topics: [],
    ...counts(open),
    ...FEATURES,
  };
}

const FEATURES = {
  has_issues: true,
  has_projects: false,
  has_downloads: false,
  has_wiki: false,
  has_pages: false,
  has_discussions: false,
  is_template: false,
  allow_forking: true,
  web_commit_signoff_required: false,
};

function counts(open: number) {
  return {
    forks: 0,
    forks_count: 0,
    network_count: 0,
    open_issues: open,
    open_issues_count: open,
    stargazers_count: 0,
    subscribers_count: 0,
    watchers: 0,
    watchers_count: 0,
  };
}

function resourceUrl(api: string, resource: string): [string, string] {
  const colon = resource.indexOf(":");
  return [resource.slice(0, colon), api + resource.slice(colon + 1)];
}
