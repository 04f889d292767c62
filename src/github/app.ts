import { type Logger, Probot, ProbotOctokit } from "probot";
import type { CodeHost, CodeHosts } from "../code-host/code-host.ts";
import { toFailure } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Delivery } from "../webhook/parse-delivery.ts";
import { type Clients, createClients } from "./clients.ts";
import { type AppIdentity, createCodeHost } from "./code-host.ts";
import { checkCredentials } from "./credentials.ts";
import { clockHint, gitHubFailure } from "./failures.ts";
import { askForMissed } from "./missed-deliveries.ts";
import { octokitLog } from "./octokit-log.ts";
import { createEndpoint, type Endpoint } from "./webhook-endpoint.ts";

export type GitHubAppOptions = {
  readonly appId: number;
  /** PEM. */
  readonly privateKey: string;
  readonly webhookSecret: string;
  /** Accepted as well while the secret is being changed. */
  readonly previousWebhookSecret?: string;
  /** `https://api.github.com`, or `https://HOST/api/v3`. */
  readonly apiUrl: string;
  readonly log: Log;
  /** Resolves once the delivery is stored durably; only then is it acknowledged. */
  readonly accept: (delivery: Delivery) => Promise<void>;
  /** Spaces writes as GitHub asks for: about one a second. Only a stand-in needs no such care. */
  readonly throttle?: boolean;
  /** The first wait before a failed request is tried again; it doubles. */
  readonly retryMs?: number;
  /** How long a delivery's body may take to arrive. */
  readonly bodyTimeoutMs?: number;
};

export type GitHubApp = {
  readonly handle: Endpoint;
  readonly hosts: CodeHosts;
  /** Who GitHub says the App is; fails when its credentials are wrong. Remembered once known. */
  identity(): Promise<AppIdentity>;
  /** Has GitHub send again what nobody took in the last three days; gives how many deliveries that are. */
  askForMissed(): Promise<number>;
  /** Revokes the tokens held. */
  close(): Promise<void>;
};

/**
 * The App on GitHub. Throws `invalid-request` for a short webhook secret or a key that is none. Set `requestTimeout`
 * and `headersTimeout` of the HTTP server too: what comes before the body is its own to bound.
 */
export async function createGitHubApp(options: GitHubAppOptions): Promise<GitHubApp> {
  const secrets = [options.webhookSecret, options.previousWebhookSecret ?? options.webhookSecret];
  const privateKey = options.privateKey.replaceAll("\\n", "\n");
  const apiUrl = options.apiUrl.replace(/\/+$/, "");
  checkCredentials(privateKey, secrets);
  // Probot takes one secret, so there is one Probot for each.
  const probots = await Promise.all(
    [...new Set(secrets)].map((secret) => createProbot({ ...options, privateKey, apiUrl }, secret)),
  );
  const app = await first(probots).auth();
  const clients = createClients({
    app,
    apiUrl,
    log: options.log,
    throttle: options.throttle ?? true,
    retryMs: options.retryMs ?? 1000,
  });
  const identity = rememberOnce(() => readIdentity(app));
  return {
    handle: createEndpoint({
      verify: (payload, signature) => verify(probots, payload, signature),
      bodyTimeoutMs: options.bodyTimeoutMs ?? 12_000,
      log: options.log,
    }),
    hosts: hostsOf(clients, identity),
    identity,
    askForMissed: () => askForMissed(app, Date.now(), options.log),
    close: () => clients.close(),
  };
}

async function createProbot(options: GitHubAppOptions, secret: string): Promise<Probot> {
  const probot = new Probot({
    appId: options.appId,
    privateKey: options.privateKey,
    secret,
    baseUrl: options.apiUrl,
    log: octokitLog(options.log) as unknown as Logger,
    Octokit: AppOctokit,
  });
  probot.onAny(async ({ id, name, payload }) => options.accept({ id, event: name, payload }));
  return probot.ready();
}

// The function form: Probot overrides an object's throttle. Requests are tried again in one place only, our own.
const AppOctokit = ProbotOctokit.defaults(((given: object) => ({
  ...given,
  throttle: { enabled: false },
  retry: { enabled: false },
})) as unknown as object) as typeof ProbotOctokit;

async function verify(probots: readonly Probot[], payload: string, signature: string) {
  // Octokit throws for an empty body.
  if (payload === "") return undefined;
  for (const probot of probots) {
    if (await probot.webhooks.verify(payload, signature))
      return (delivery: Delivery) => take(probot, delivery);
  }
  return undefined;
}

async function take(probot: Probot, { id, event, payload }: Delivery): Promise<void> {
  await probot.receive({ id, name: event, payload } as unknown as Parameters<Probot["receive"]>[0]);
}

/** One object for each repository: it keeps two writers of one comment apart and remembers what it found. */
function hostsOf(clients: Clients, identity: () => Promise<AppIdentity>): CodeHosts {
  const known = new Map<string, CodeHost>();
  return {
    async repository(ref) {
      const app = await identity();
      const key = `${ref.installationId}/${ref.id}`;
      const host = known.get(key) ?? createCodeHost(clients, app, ref);
      known.set(key, host);
      return { ...host, repository: ref };
    },
  };
}

async function readIdentity(app: ProbotOctokit): Promise<AppIdentity> {
  try {
    const { data } = await app.rest.apps.getAuthenticated();
    return { id: data?.id ?? 0, slug: data?.slug ?? "", url: data?.html_url ?? "" };
  } catch (error) {
    const failure = toFailure(gitHubFailure(error, "say which App this is"));
    failure.message += clockHint(error, Date.now());
    throw failure;
  }
}

function rememberOnce<T>(read: () => Promise<T>): () => Promise<T> {
  let known: Promise<T> | undefined;
  return () => {
    known ??= read().catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
}

function first<T>(items: readonly T[]): T {
  const [item] = items;
  if (item === undefined) throw new Error("there is at least one");
  return item;
}
