import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { appRoutes, type TokenSettings } from "./api/app.ts";
import { branchRoutes } from "./api/branches.ts";
import { checkRoutes } from "./api/checks.ts";
import { compareRoute } from "./api/compare.ts";
import { contentRoutes } from "./api/contents.ts";
import { gitDataRoutes } from "./api/git-data.ts";
import { hookRoutes } from "./api/hooks.ts";
import { issueRoutes } from "./api/issues.ts";
import { labelRoutes } from "./api/labels.ts";
import { peopleRoutes } from "./api/people.ts";
import { pullRoutes } from "./api/pulls.ts";
import { reactionRoutes } from "./api/reactions.ts";
import { compileRoutes, type Violation } from "./http/api.ts";
import { eventProblems } from "./http/description.ts";
import { RateLimit } from "./http/rate-limit.ts";
import type { Route } from "./http/route.ts";
import { FrontDoor } from "./http/server.ts";
import { type GitHubStandIn, standIn } from "./stand-in.ts";
import { Webhooks } from "./world/webhooks.ts";
import type { Account, App, Permissions, World } from "./world/world.ts";
import { timestamp } from "./world/world.ts";

type GitHubOptions = {
  /** Where repositories and received bytes lie; a temporary folder, removed by `close`, unless given. */
  readonly folder?: string;
  readonly host?: string;
  /** 0, the default, takes a free port. */
  readonly port?: number;
  readonly app?: {
    readonly slug?: string;
    readonly permissions?: Permissions;
    readonly events?: readonly string[];
  };
  readonly webhookUrl?: string;
  readonly webhookSecret?: string;
  /** Installation tokens: GitHub's long form since 2026, the default, or the old one of 40 characters. */
  readonly tokenForm?: TokenSettings["tokenForm"];
  readonly tokenLifetimeMs?: number;
  readonly rateLimitPerHour?: number;
  /** Also compares every answer and event with GitHub's description; requests always are. */
  readonly checkResponses?: boolean;
};

const PERMISSIONS: Permissions = {
  checks: "write",
  contents: "write",
  issues: "write",
  metadata: "read",
  pull_requests: "write",
};

const EVENTS = ["check_run", "issue_comment", "issues", "pull_request", "push"];

/** Starts a GitHub without any repository. Several can run side by side. */
export async function startGitHub(options: GitHubOptions = {}): Promise<GitHubStandIn> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "github-")));
  await mkdir(join(folder, "repositories"), { recursive: true });
  await mkdir(join(folder, "received"), { recursive: true });
  const door = new FrontDoor();
  const url = await door.listen(options.host ?? "127.0.0.1", options.port ?? 0);
  const secret = options.webhookSecret ?? randomBytes(32).toString("hex");
  const violations: Violation[] = [];
  const { app, privateKey } = makeApp(options.app ?? {});
  const world = makeWorld(url, folder, app, secret, options, violations);
  const privateKeyPath = join(folder, "app.pem");
  await writeFile(privateKeyPath, privateKey, { mode: 0o600 });
  door.serve({
    world,
    routes: compileRoutes(allRoutes(options)),
    rateLimit: new RateLimit(options.rateLimitPerHour ?? 5000),
    violations,
    checkResponses: options.checkResponses ?? false,
  });
  const close = async () => {
    await world.webhooks.close();
    await door.close();
    if (!options.folder) await rm(folder, { recursive: true, force: true });
  };
  return standIn(
    world,
    door,
    violations,
    { privateKey, privateKeyPath, webhookSecret: secret },
    close,
  );
}

function allRoutes(options: GitHubOptions): readonly Route[] {
  const { tokenForm = "long", tokenLifetimeMs = 3_600_000 } = options;
  return [
    ...appRoutes({ tokenForm, tokenLifetimeMs }),
    ...hookRoutes,
    ...peopleRoutes,
    ...labelRoutes,
    ...issueRoutes,
    ...reactionRoutes,
    ...pullRoutes,
    compareRoute,
    ...checkRoutes,
    ...branchRoutes,
    ...gitDataRoutes,
    ...contentRoutes,
  ];
}

const APP_ID = 4242;

function makeApp(options: NonNullable<GitHubOptions["app"]>) {
  const { slug = "dunlin", permissions = PERMISSIONS, events = EVENTS } = options;
  const keys = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
  });
  const owner: Account = { id: 11, login: "app-owner", type: "User" };
  const bot: Account = { id: 12, login: `${slug}[bot]`, type: "Bot" };
  const app: App = {
    ...{ slug, permissions, events, owner, bot },
    id: APP_ID,
    name: slug,
    clientId: "Iv23standin0000000",
    publicKey: keys.publicKey,
    createdAt: timestamp(),
  };
  return { app, privateKey: keys.privateKey };
}

function makeWorld(
  url: string,
  folder: string,
  app: App,
  secret: string,
  options: GitHubOptions,
  violations: Violation[],
): World {
  let lastId = 1000;
  const nextId = () => ++lastId;
  const checkEvent: World["checkEvent"] = (event, payload) => {
    if (!options.checkResponses) return;
    const action = typeof payload["action"] === "string" ? payload["action"] : null;
    const problems = eventProblems(event, action, payload) ?? ["the event is not in github.json"];
    const what = action ? `${event}.${action}` : event;
    if (problems.length > 0) violations.push({ side: "event", what, problems });
  };
  return {
    ...{ url, folder, app, nextId, checkEvent },
    webhooks: new Webhooks({ appId: app.id, secret, url: options.webhookUrl, nextId }),
    accounts: new Map([app.owner, app.bot].map((who) => [who.login.toLowerCase(), who])),
    installations: new Map(),
    repositories: new Map(),
    tokens: new Map(),
    pushes: [],
  };
}
