import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { openKey } from "./attest.ts";
import { createEvidenceEndpoint } from "./attestation/host/endpoint.ts";
import {
  composeRuns,
  type Environment,
  GRACE_MS,
  layFoundation,
  withPrivateKey,
} from "./compose.ts";
import { readServerConfig } from "./config.ts";
import { Failure } from "./errors.ts";
import { createGitHubApp, type GitHubApp } from "./github/app.ts";
import { createLog } from "./log.ts";
import { acceptTestChange } from "./run/accept-test-change.ts";
import { type DispatchPorts, dispatch } from "./run/dispatch.ts";
import { execute } from "./run/execute.ts";
import type { RunPorts } from "./run/open-run.ts";
import type { RunRequest } from "./run/run.ts";
import { type Deliveries, registerDeliveries } from "./webhook/deliveries.ts";

/** Not one run at a time, but few: the machine's sandboxes are what is scarce. */
const RUNS_PER_REPOSITORY = 2;

/**
 * Runs the App until SIGTERM or SIGINT; work under way goes on at the next start. Resolves with the exit code. Throws
 * a Failure when it can't start, with everything stopped again.
 */
export async function serve(env: Environment): Promise<number> {
  const config = await withPrivateKey(readServerConfig(env));
  const log = createLog(config.DUNLIN_LOG);
  const ended = untilSignal();
  await using foundation = await layFoundation(config, "dunlin", () => process.exit(70));
  let deliveries: Deliveries | undefined;
  const app = await createGitHubApp({
    appId: config.GITHUB_APP_ID,
    privateKey: config.GITHUB_APP_PRIVATE_KEY,
    webhookSecret: config.GITHUB_WEBHOOK_SECRET,
    ...(config.GITHUB_WEBHOOK_SECRET_OLD === undefined
      ? {}
      : { previousWebhookSecret: config.GITHUB_WEBHOOK_SECRET_OLD }),
    apiUrl: config.GITHUB_API_URL,
    log,
    throttle: !isLoopback(config.GITHUB_API_URL),
    accept: async (delivery) => deliveries?.accept(delivery),
  });
  const ports: RunPorts = await composeRuns(config, env, foundation, app.hosts, {
    localRepositories: false,
    onProgress: (event) => log.debug(event, "progress"),
  });
  const { engine, store } = foundation;
  const limits = { perWorker: config.DUNLIN_PARALLEL, perPartition: RUNS_PER_REPOSITORY };
  const runs = engine.workflow<RunRequest>("run", limits, (steps, request) =>
    execute(ports, steps, request),
  );
  const ways: DispatchPorts = {
    store,
    runs,
    maxOpenPerRepository: config.DUNLIN_QUEUE,
    accept: (command) => acceptTestChange(ports, command),
    sha256: ports.sha256,
  };
  deliveries = registerDeliveries(engine, {
    hosts: app.hosts,
    label: config.DUNLIN_LABEL,
    log,
    pause: (durationMs, signal) => delay(durationMs, undefined, { signal }),
    dispatch: (command) => dispatch(ways, command),
  });
  // Before anything is resumed: a run that can't know the App would fail for good.
  await app.identity();
  await foundation.start();
  const key = await openKey(config, foundation.folder);
  const { artifacts } = ports;
  const evidence = createEvidenceEndpoint({ ...key, artifacts, log, now: () => Date.now() });
  const server = await listen([app.handle, evidence], config.HOST, config.PORT);
  // The engine's label of all sandboxes that are this installation's.
  log.info({ url: addressOf(server), owner: foundation.labels.owner }, "listening");
  await app.askForMissed();
  log.info({ signal: await ended }, "stopping");
  await close(server);
  await engine.stop({ graceMs: GRACE_MS });
  await app.close();
  return 0;
}

/** Deliveries under way are still stored and acknowledged. */
async function close(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  const late = setTimeout(() => server.closeAllConnections(), GRACE_MS);
  await closed;
  clearTimeout(late);
}

type Handler = GitHubApp["handle"];

async function listen(handlers: readonly Handler[], host: string, port: number): Promise<Server> {
  const server = createServer(
    { headersTimeout: 10_000, requestTimeout: 15_000, keepAliveTimeout: 5_000 },
    async (request, response) => {
      for (const handle of handlers) if (await handle(request, response)) return;
      const alive = request.method === "GET" && request.url === "/healthz";
      response.writeHead(alive ? 200 : 404, { "content-type": "text/plain" });
      response.end(alive ? "ok\n" : "not found\n");
    },
  );
  server.listen(port, host);
  try {
    await once(server, "listening");
    return server;
  } catch (cause) {
    throw new Failure(
      "invalid-request",
      "address-in-use",
      `Dunlin can't listen on ${host}:${port} (${cause instanceof Error ? cause.message : cause}). Set HOST and PORT to a free address.`,
      { cause },
    );
  }
}

/** GitHub asks for about one write a second; whatever stands on this machine is not GitHub. */
function isLoopback(url: string): boolean {
  return ["127.0.0.1", "[::1]", "localhost"].includes(new URL(url).hostname);
}

function addressOf(server: Server): string {
  const { address, port } = server.address() as AddressInfo;
  return `http://${address.includes(":") ? `[${address}]` : address}:${port}`;
}

function untilSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, resolve);
  });
}
