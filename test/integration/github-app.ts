import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { RepositoryRef } from "../../src/code-host/code-host.ts";
import { createGitHubApp, type GitHubAppOptions } from "../../src/github/app.ts";
import type { Delivery } from "../../src/webhook/parse-delivery.ts";
import { fakeLog } from "../fakes/log.ts";
import type { GitHubStandIn } from "../github/stand-in.ts";

/** The App behind a real HTTP server, to which the stand-in's events go. */
export async function startApp(github: GitHubStandIn, options: Partial<GitHubAppOptions> = {}) {
  const accepted: Delivery[] = [];
  const log = fakeLog();
  const app = await createGitHubApp({
    appId: github.app.id,
    privateKey: github.app.privateKey,
    webhookSecret: github.app.webhookSecret,
    apiUrl: github.url,
    log,
    accept: async (delivery) => void accepted.push(delivery),
    throttle: false,
    retryMs: 1,
    ...options,
  });
  const server = createServer(async (request, response) => {
    if (!(await app.handle(request, response))) response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const webhookUrl = `http://127.0.0.1:${port}/api/github/webhooks`;
  github.deliverTo(webhookUrl);
  return {
    app,
    accepted,
    log,
    webhookUrl,
    port,
    async close() {
      github.deliverTo(undefined);
      await app.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A repository's ids as a delivery carries them. */
export async function refOf(
  github: GitHubStandIn,
  { accepted }: { readonly accepted: readonly Delivery[] },
  name: string,
): Promise<RepositoryRef> {
  await github.openIssue(name, { title: "for the ids", author: "outsider" });
  await github.settled();
  const payload = accepted.at(-1)?.payload as {
    readonly repository: { readonly id: number; readonly name: string };
    readonly installation: { readonly id: number };
  };
  const [owner = ""] = name.split("/");
  const { repository, installation } = payload;
  return { id: repository.id, owner, name: repository.name, installationId: installation.id };
}
