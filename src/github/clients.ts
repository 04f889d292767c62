import { setTimeout as delay } from "node:timers/promises";
import { throttling } from "@octokit/plugin-throttling";
import { Octokit } from "@octokit/rest";
import type { ProbotOctokit } from "probot";
import type { RepositoryRef } from "../code-host/code-host.ts";
import { Failure, toFailure } from "../errors.ts";
import type { Log } from "../log.ts";
import { clockHint, gitHubFailure, retryAfterSeconds, statusOf } from "./failures.ts";
import { octokitLog } from "./octokit-log.ts";

/** What a token may do, on one repository: no more than its phase needs. */
const PERMISSIONS = {
  read: { metadata: "read", contents: "read", issues: "read", pull_requests: "read" },
  fetch: { contents: "read" },
  comment: { issues: "write" },
  check: { checks: "write" },
  push: { contents: "write" },
  propose: { contents: "read", pull_requests: "write" },
} as const;

export type Phase = keyof typeof PERMISSIONS;

/** A repository as GitHub names it now, and a client that may do what its phase may. */
export type RepositoryClient = {
  readonly octokit: Octokit;
  readonly owner: string;
  readonly repo: string;
  readonly cloneUrl: string;
  readonly token: string;
};

export type Clients = {
  /**
   * Runs `body` with a token of the phase. Runs it again, a few times and with growing waits, when GitHub is
   * unavailable, and once with a new token when that was rejected: so `body` has to look before it creates.
   */
  use<T>(
    ref: RepositoryRef,
    phase: Phase,
    doing: string,
    body: (client: RepositoryClient) => Promise<T>,
  ): Promise<T>;
  /** A token that nobody else uses, good for an hour. */
  mint(ref: RepositoryRef, phase: Phase): Promise<RepositoryClient>;
  /** Never fails: a token that can't be revoked ends by itself within the hour. */
  revoke(client: RepositoryClient): Promise<void>;
  /** Revokes all tokens held. */
  close(): Promise<void>;
};

export type ClientOptions = {
  /** Authenticated as the App. */
  readonly app: InstanceType<typeof ProbotOctokit>;
  readonly apiUrl: string;
  readonly log: Log;
  /** Space writes as GitHub asks for. */
  readonly throttle: boolean;
  /** The first wait before a request is tried again. */
  readonly retryMs: number;
};

const ATTEMPTS = 4;
const LONGEST_WAIT_MS = 60_000;
const RENEW_BEFORE_MS = 10 * 60_000;
const REQUEST_TIMEOUT_MS = 30_000;

const RepositoryOctokit = Octokit.plugin(throttling);

type Held = { readonly client: Promise<RepositoryClient>; renewAtMs: number };

/** Tokens live in this process's memory only. */
export function createClients(options: ClientOptions): Clients {
  const held = new Map<string, Held>();

  const get = (ref: RepositoryRef, phase: Phase): Held => {
    const key = `${ref.installationId}/${ref.id}/${phase}`;
    const known = held.get(key);
    if (known !== undefined && Date.now() < known.renewAtMs) return known;
    for (const [old, { renewAtMs }] of held) if (Date.now() >= renewAtMs) held.delete(old);
    const minted = mint(options, ref, phase);
    const fresh: Held = { client: minted.then(({ client }) => client), renewAtMs: Infinity };
    held.set(key, fresh);
    const forget = () => held.get(key) === fresh && held.delete(key);
    minted.then(({ expiresAtMs }) => {
      fresh.renewAtMs = expiresAtMs - RENEW_BEFORE_MS;
    }, forget);
    return fresh;
  };

  return {
    async use(ref, phase, doing, body) {
      let isRenewed = false;
      return retry(options.retryMs, doing, async () => {
        const token = get(ref, phase);
        const client = await token.client;
        try {
          return await body(client);
        } catch (error) {
          if (statusOf(error) !== 401 || isRenewed) throw error;
          isRenewed = true;
          token.renewAtMs = 0;
          return body(await get(ref, phase).client);
        }
      });
    },
    mint: (ref, phase) =>
      retry(options.retryMs, "give a token", async () => (await mint(options, ref, phase)).client),
    revoke,
    async close() {
      const tokens = [...held.values()];
      held.clear();
      await Promise.all(tokens.map(({ client }) => client.then(revoke, () => {})));
    },
  };
}

async function revoke({ octokit }: RepositoryClient): Promise<void> {
  await octokit.rest.apps.revokeInstallationAccessToken().catch(() => {});
}

async function mint(
  options: ClientOptions,
  ref: RepositoryRef,
  phase: Phase,
): Promise<{ readonly client: RepositoryClient; readonly expiresAtMs: number }> {
  const { data } = await requestToken(options.app, ref, phase);
  const octokit = repositoryOctokit(options, ref, data.token);
  const repository =
    data.repositories?.[0] ??
    (await octokit.rest.repos.get({ owner: ref.owner, repo: ref.name })).data;
  if (repository.id !== ref.id) {
    throw new Failure(
      "not-permitted",
      "other-repository",
      `${ref.owner}/${ref.name} is another repository now. Ask again on an issue of the one that you mean.`,
    );
  }
  const client = {
    octokit,
    owner: repository.owner.login,
    repo: repository.name,
    cloneUrl: repository.clone_url ?? "",
    token: data.token,
  };
  return { client, expiresAtMs: Date.parse(data.expires_at) };
}

async function requestToken(app: ClientOptions["app"], ref: RepositoryRef, phase: Phase) {
  try {
    return await app.rest.apps.createInstallationAccessToken({
      installation_id: ref.installationId,
      repository_ids: [ref.id],
      permissions: PERMISSIONS[phase],
    });
  } catch (error) {
    const failure = toFailure(
      gitHubFailure(error, `give Dunlin access to ${ref.owner}/${ref.name}`),
    );
    if (failure.kind === "unavailable" || failure.kind === "bug") throw error;
    const code = statusOf(error) === 401 ? failure.code : "not-installed";
    const message = failure.message + clockHint(error, Date.now());
    throw new Failure("not-permitted", code, message, { cause: error, details: failure.details });
  }
}

function repositoryOctokit(options: ClientOptions, ref: RepositoryRef, token: string): Octokit {
  const octokit = new RepositoryOctokit({
    auth: token,
    baseUrl: options.apiUrl,
    userAgent: "dunlin",
    log: octokitLog(options.log),
    throttle: {
      enabled: options.throttle,
      id: String(ref.installationId),
      // It only spaces requests; what is refused is tried again in one place, by `retry`.
      onRateLimit: () => false,
      onSecondaryRateLimit: () => false,
    },
  });
  octokit.hook.before("request", (request) => {
    // A new object: the one given belongs to all requests of this client, and their times must not be one.
    request.request = {
      ...request.request,
      signal: request.request.signal ?? AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    };
  });
  return octokit;
}

/** Tries again what may pass, within bounds: a quota that stays used up for an hour is not waited for here. */
async function retry<T>(retryMs: number, doing: string, body: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await body();
    } catch (error) {
      const failure = gitHubFailure(error, doing);
      const askedMs = (retryAfterSeconds(error, Date.now()) ?? 0) * 1000;
      const waitMs = Math.max(askedMs, retryMs * 2 ** (attempt - 1));
      const isOver = attempt === ATTEMPTS || waitMs > LONGEST_WAIT_MS;
      if (toFailure(failure).kind !== "unavailable" || isOver) throw failure;
      await delay(waitMs);
    }
  }
}
