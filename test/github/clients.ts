import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { Octokit } from "@octokit/rest";
import { ProbotOctokit } from "probot";
import type { GitHubStandIn } from "./stand-in.ts";
import type { Permissions } from "./world/world.ts";

const QUIET = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** The app itself, signed in with its JWT by Octokit's own code. */
export function appClient(github: GitHubStandIn, privateKey = github.app.privateKey) {
  return new ProbotOctokit({
    baseUrl: github.url,
    auth: { appId: github.app.id, privateKey },
    throttle: { enabled: false },
    retry: { enabled: false },
    log: QUIET,
  });
}

/** A client with an installation's or a person's token, or with none. */
export function tokenClient(github: GitHubStandIn, token?: string): Octokit {
  return new Octokit({ baseUrl: github.url, log: QUIET, ...(token ? { auth: token } : {}) });
}

/** A token for one repository with those permissions. */
export async function installationToken(
  github: GitHubStandIn,
  repository: string,
  permissions: Permissions,
): Promise<string> {
  const { id, installation } = github.repository(repository);
  const { data } = await appClient(github).rest.apps.createInstallationAccessToken({
    installation_id: installation?.id ?? 0,
    repository_ids: [id],
    permissions,
  });
  return data.token;
}

/** Git's options to sign in with a token. */
export function gitAuth(token: string): readonly string[] {
  const basic = Buffer.from(`x-access-token:${token}`).toString("base64");
  return ["-c", `http.extraHeader=Authorization: Basic ${basic}`];
}

type ReceivedHook = { readonly headers: IncomingHttpHeaders; readonly body: string };

/** A webhook receiver that answers with `status`, which a test may change. */
export async function startReceiver() {
  const hooks: ReceivedHook[] = [];
  const receiver = { hooks, status: 202, url: "", close: () => Promise.resolve() };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    hooks.push({ headers: request.headers, body: Buffer.concat(chunks).toString("utf8") });
    response.writeHead(receiver.status).end("noted");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  receiver.close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  return receiver;
}
