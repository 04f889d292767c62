import { account, hasRole } from "../world/accounts.ts";
import type { Account, Permissions, Repository, Role, Token, World } from "../world/world.ts";
import { findRepository } from "../world/world.ts";
import { verifyAppToken } from "./jwt.ts";
import { notAccessible, notFound, Refusal } from "./refusal.ts";

/** Who signed a request, as its Authorization header proves. */
export type Identity =
  | { readonly kind: "anonymous" }
  | { readonly kind: "app" }
  | { readonly kind: "token"; readonly secret: string; readonly token: Token };

export type AuthKind = "none" | "app" | "installation" | "person" | "refused";

const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** Reads a header of the REST API; throws 401 for a credential that isn't good now. */
export function identify(world: World, header: string | undefined): Identity {
  if (!header) return { kind: "anonymous" };
  const credential = /^(?:bearer|token) (\S+)$/i.exec(header)?.[1];
  if (!credential) return identifyGit(world, header);
  if (JWT.test(credential) && !credential.startsWith("ghs_")) {
    verifyAppToken(world.app, credential, Date.now());
    return { kind: "app" };
  }
  return knownToken(world, credential);
}

/** Reads a header of git's own requests, where only Basic with the token as the password is good. */
export function identifyGit(world: World, header: string | undefined): Identity {
  if (!header) return { kind: "anonymous" };
  const basic = /^basic ([\w+/=-]+)$/i.exec(header)?.[1];
  const credentials = Buffer.from(basic ?? "", "base64").toString("utf8");
  const colon = credentials.indexOf(":");
  if (colon < 1) throw new Refusal(401, "Bad credentials");
  return knownToken(world, credentials.slice(colon + 1));
}

export function authKind(identity: Identity): AuthKind {
  if (identity.kind === "anonymous") return "none";
  return identity.kind === "app" ? "app" : identity.token.kind;
}

function knownToken(world: World, secret: string): Identity {
  const token = world.tokens.get(secret);
  const expired = token?.kind === "installation" && token.expiresAt <= Date.now();
  if (!token || expired) throw new Refusal(401, "Bad credentials");
  return { kind: "token", secret, token };
}

export type RepositoryAccess = {
  readonly repository: Repository;
  readonly actor: Account;
  readonly token: Token | undefined;
};

/** Finds the repository and lets pass who may do this there; throws 401, 403 or 404 as GitHub does. */
export function enter(
  world: World,
  identity: Identity,
  name: string,
  rules: { readonly needs: readonly string[]; readonly person: Role },
): RepositoryAccess {
  const repository = findRepository(world, name);
  if (identity.kind === "app") throw notAccessible();
  if (identity.kind === "anonymous") return enterAnonymously(world, repository, rules.needs);
  if (!repository || !canSee(repository, identity.token)) throw notFound();
  if (!mayDo(repository, identity.token, rules)) throw refused(identity.token);
  if (repository.archived && needsWrite(rules.needs)) {
    throw new Refusal(403, "Repository was archived so is read-only.");
  }
  return { repository, actor: identity.token.account, token: identity.token };
}

function enterAnonymously(
  world: World,
  repository: Repository | undefined,
  needs: readonly string[],
): RepositoryAccess {
  if (!repository || repository.private) throw notFound();
  if (needsWrite(needs)) throw new Refusal(401, "Requires authentication");
  return { repository, actor: account(world, "ghost"), token: undefined };
}

function canSee(repository: Repository, token: Token): boolean {
  return !repository.private || belongs(repository, token) || isReader(repository, token);
}

function isReader(repository: Repository, token: Token): boolean {
  return token.kind === "person" && hasRole(repository, token.account, "read");
}

/** True when an installation token was made for this repository. */
export function belongs(repository: Repository, token: Token): boolean {
  if (token.kind === "person" || repository.installation?.id !== token.installation.id)
    return false;
  return token.repositoryIds === "all" || token.repositoryIds.has(repository.id);
}

function mayDo(
  repository: Repository,
  token: Token,
  rules: { readonly needs: readonly string[]; readonly person: Role },
): boolean {
  if (token.kind === "person") return hasRole(repository, token.account, rules.person);
  if (belongs(repository, token))
    return rules.needs.some((need) => grants(token.permissions, need));
  return !needsWrite(rules.needs); // a public repository outside the token's reach
}

/** Whether permissions include one like `issues:write`; write includes read. */
export function grants(permissions: Permissions, need: string): boolean {
  const [name = "", level] = need.split(":");
  const granted = permissions[name];
  return granted === "write" || (granted === "read" && level === "read");
}

function needsWrite(needs: readonly string[]): boolean {
  return needs.some((need) => need.endsWith(":write"));
}

function refused(token: Token): Refusal {
  if (token.kind === "installation") return notAccessible();
  return new Refusal(403, "Must have write access to this repository.");
}
