import type { Account, Repository, Role, World } from "./world.ts";
import { nodeId } from "./world.ts";

const ROLES: readonly Role[] = ["none", "read", "triage", "write", "maintain", "admin"];

/** The account of that login; a new one is made when nobody has it. */
export function account(world: World, login: string, type: Account["type"] = "User"): Account {
  const known = world.accounts.get(login.toLowerCase());
  if (known) return known;
  const made: Account = { id: world.nextId(), login, type };
  world.accounts.set(login.toLowerCase(), made);
  return made;
}

export function hasRole(repository: Repository, who: Account, least: Role): boolean {
  return ROLES.indexOf(roleOf(repository, who)) >= ROLES.indexOf(least);
}

/** Everybody may read a public repository. */
export function roleOf(repository: Repository, who: Account): Role {
  const role = repository.roles.get(who.login.toLowerCase()) ?? "none";
  return role === "none" && !repository.private ? "read" : role;
}

/** GitHub's older, coarser word for a role, as its API answers it. */
export function coarsePermission(role: Role): "admin" | "write" | "read" | "none" {
  if (role === "maintain") return "write";
  if (role === "triage") return "read";
  return role;
}

export function rolePermissions(role: Role) {
  const rank = ROLES.indexOf(role);
  return {
    admin: rank >= ROLES.indexOf("admin"),
    maintain: rank >= ROLES.indexOf("maintain"),
    push: rank >= ROLES.indexOf("write"),
    triage: rank >= ROLES.indexOf("triage"),
    pull: rank >= ROLES.indexOf("read"),
  };
}

export function association(repository: Repository, who: Account): string {
  if (who.id === repository.owner.id) return "OWNER";
  return hasRole(repository, who, "triage") ? "COLLABORATOR" : "NONE";
}

/** GitHub's `simple-user`. */
export function accountShape(world: World, who: Account) {
  const url = `${world.url}/users/${encodeURIComponent(who.login)}`;
  return {
    login: who.login,
    id: who.id,
    node_id: nodeId("User", who.id),
    avatar_url: `${world.url}/avatars/u/${who.id}`,
    gravatar_id: "",
    url,
    html_url: `${world.url}/${encodeURIComponent(who.login)}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: who.type,
    site_admin: false,
    user_view_type: "public",
  };
}

/** GitHub's `organization-simple`, as webhooks carry it. */
export function organizationShape(world: World, who: Account) {
  const url = `${world.url}/orgs/${who.login}`;
  return {
    login: who.login,
    id: who.id,
    node_id: nodeId("Organization", who.id),
    url,
    repos_url: `${url}/repos`,
    events_url: `${url}/events`,
    hooks_url: `${url}/hooks`,
    issues_url: `${url}/issues`,
    members_url: `${url}/members{/member}`,
    public_members_url: `${url}/public_members{/member}`,
    avatar_url: `${world.url}/avatars/u/${who.id}`,
    description: null,
  };
}
