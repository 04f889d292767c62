import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { account } from "./accounts.ts";
import { type Files, importCommit, readFolder } from "./fast-import.ts";
import { git, gitText, ZERO_ID } from "./git.ts";
import { branchHead } from "./pull-shape.ts";
import { refMoved } from "./pushes.ts";
import type { Account, Installation, Repository, Role, World } from "./world.ts";
import { fullName, timestamp } from "./world.ts";

export type SeedOptions = {
  /** Private unless said. */
  readonly private?: boolean;
  readonly archived?: boolean;
  /** Whether the app is installed there; it is unless said. */
  readonly installed?: boolean;
  readonly defaultBranch?: string;
  readonly roles?: Readonly<Record<string, Role>>;
  readonly message?: string;
};

/** What `seedRepository` made. */
export type SeededRepository = {
  readonly id: number;
  readonly owner: string;
  readonly name: string;
  readonly cloneUrl: string;
  /** The bare repository, for looking into with git. */
  readonly folder: string;
  readonly defaultBranch: string;
  /** Undefined when the app isn't installed there. */
  readonly installationId: number | undefined;
  /** The one commit; undefined for an empty repository. */
  readonly baseSha: string | undefined;
};

/** The one commit of a seeded repository is made then, so that its id is the same each time. */
const SEED_DATE_MS = Date.UTC(2026, 0, 1);

/** Makes `owner/name` with one commit of a folder's or a map's files, or empty without any. */
export async function seedRepository(
  world: World,
  name: string,
  content: string | Files,
  options: SeedOptions = {},
): Promise<SeededRepository> {
  const files = typeof content === "string" ? await readFolder(content) : content;
  const repository = await makeRepository(world, name, options);
  world.repositories.set(fullName(repository).toLowerCase(), repository);
  for (const [login, role] of Object.entries(options.roles ?? {})) {
    repository.roles.set(account(world, login).login.toLowerCase(), role);
  }
  const branch = repository.defaultBranch;
  if (Object.keys(files).length > 0) {
    const message = options.message ?? "Initial commit\n";
    const author = signature(repository.owner);
    const commit = { branch, message, author, dateMs: SEED_DATE_MS, files };
    await importCommit(repository.folder, commit, undefined);
  }
  return {
    id: repository.id,
    owner: repository.owner.login,
    name: repository.name,
    cloneUrl: `${world.url}/${fullName(repository)}.git`,
    folder: repository.folder,
    defaultBranch: branch,
    installationId: repository.installation?.id,
    baseSha: await branchHead(repository, branch),
  };
}

async function makeRepository(
  world: World,
  name: string,
  options: SeedOptions,
): Promise<Repository> {
  const [ownerLogin, repositoryName] = name.split("/");
  if (!ownerLogin || !repositoryName) throw new Error(`Name a repository owner/name, not ${name}.`);
  const owner = account(world, ownerLogin, "Organization");
  const defaultBranch = options.defaultBranch ?? "main";
  return {
    id: world.nextId(),
    owner,
    name: repositoryName,
    private: options.private ?? true,
    archived: options.archived ?? false,
    defaultBranch,
    folder: await makeBare(world, `${ownerLogin}/${repositoryName}.git`, defaultBranch),
    installation: options.installed === false ? undefined : installOn(world, owner),
    createdAt: timestamp(),
    pushedAt: timestamp(),
    roles: new Map(),
    labels: new Map(),
    issues: new Map(),
    comments: new Map(),
    checkRuns: new Map(),
  };
}

async function makeBare(world: World, path: string, branch: string): Promise<string> {
  const folder = join(world.folder, "repositories", path);
  await mkdir(folder, { recursive: true });
  await git(folder, ["init", "--bare", "--quiet", `--initial-branch=${branch}`]);
  const settings = {
    "core.hooksPath": fileURLToPath(new URL("../git-hooks", import.meta.url)),
    "gc.auto": "0",
    "http.receivepack": "true",
    "receive.autogc": "false",
    "receive.hideRefs": "refs/pull",
    "uploadpack.allowAnySHA1InWant": "true",
    "uploadpack.allowFilter": "true",
  };
  for (const [key, value] of Object.entries(settings)) await git(folder, ["config", key, value]);
  return folder;
}

/** One installation an owner. */
function installOn(world: World, owner: Account): Installation {
  const known = [...world.installations.values()].find((one) => one.account.id === owner.id);
  if (known) return known;
  const made: Installation = { id: world.nextId(), account: owner, createdAt: timestamp() };
  world.installations.set(made.id, made);
  return made;
}

export type PersonalPush = {
  readonly branch: string;
  readonly message: string;
  readonly files: Files;
};

/** A person's commit on a branch, made from the default branch when it is new; gives its id. */
export async function pushFiles(
  world: World,
  repository: Repository,
  by: Account,
  push: PersonalPush,
): Promise<string> {
  const { branch } = push;
  const before = await branchHead(repository, branch);
  const parent = before ?? (await branchHead(repository, repository.defaultBranch));
  const commit = { ...push, author: signature(by), dateMs: Date.now() };
  await importCommit(repository.folder, commit, parent);
  const after = await gitText(repository.folder, ["rev-parse", `refs/heads/${branch}`]);
  const ref = `refs/heads/${branch}`;
  await refMoved(world, repository, by, { ref, before: before ?? ZERO_ID, after });
  return after;
}

/** GitHub's no-reply address, by which it knows a commit's author. */
export function signature(who: Account): { readonly name: string; readonly email: string } {
  return { name: who.login, email: `${who.id}+${who.login}@users.noreply.github.com` };
}
