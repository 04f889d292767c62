import { Probot } from "probot";
import { afterEach, beforeEach, expect, test } from "vitest";
import { appClient, startReceiver } from "../github/clients.ts";
import { startGitHub } from "../github/github.ts";
import type { GitHubStandIn } from "../github/stand-in.ts";

const NAME = "acme/shop";

let github: GitHubStandIn;
let receiver: Awaited<ReturnType<typeof startReceiver>>;

beforeEach(async () => {
  receiver = await startReceiver();
  github = await startGitHub({ webhookUrl: receiver.url });
  await github.seedRepository(NAME, { "a.txt": "one\n" });
});

afterEach(async () => {
  await github.close();
  await receiver.close();
});

async function verify(body: string, signature: unknown): Promise<boolean> {
  const { id, privateKey, webhookSecret } = github.app;
  const probot = new Probot({ appId: id, privateKey, secret: webhookSecret, logLevel: "fatal" });
  await probot.ready();
  return probot.webhooks.verify(body, String(signature));
}

test("a labelled issue arrives signed, with GitHub's headers and its facts", async () => {
  const { number } = await github.openIssue(NAME, { author: "ann", title: "t", body: "b" });
  await github.label(NAME, number, "dunlin", "bob");
  await github.settled();
  const hook = receiver.hooks.find((one) => one.body.includes('"labeled"'));
  expect(hook?.headers).toMatchObject({
    "content-type": "application/json",
    "user-agent": expect.stringMatching(/^GitHub-Hookshot\//),
    "x-github-event": "issues",
    "x-github-delivery": expect.stringMatching(/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/),
    "x-github-hook-installation-target-id": String(github.app.id),
  });
  expect(await verify(hook?.body ?? "", hook?.headers["x-hub-signature-256"])).toBe(true);
  expect(await verify(`${hook?.body} `, hook?.headers["x-hub-signature-256"])).toBe(false);
  expect(JSON.parse(hook?.body ?? "")).toMatchObject({
    action: "labeled",
    label: { name: "dunlin" },
    issue: { number, title: "t", body: "b", user: { login: "ann" } },
    repository: { full_name: NAME },
    sender: { login: "bob", type: "User" },
    installation: { id: github.repository(NAME).installation?.id },
  });
});

test("a failed delivery is recorded and never tried again by itself", async () => {
  receiver.status = 500;
  await github.openIssue(NAME, { author: "ann", title: "t" });
  await github.settled();
  expect(receiver.hooks).toHaveLength(1);
  expect(github.deliveries).toMatchObject([{ outcome: { status: 500, body: "noted" } }]);
});

test("a delivery can be sent again, by a test or by the app, with the same id and body", async () => {
  await github.openIssue(NAME, { author: "ann", title: "t" });
  await github.settled();
  const guid = github.deliveries[0]?.guid ?? "";
  await github.redeliver(guid);
  const app = appClient(github);
  const { data } = await app.rest.apps.listWebhookDeliveries();
  expect(data.map((one) => [one.guid, one.redelivery, one.status_code])).toEqual([
    [guid, true, 202],
    [guid, false, 202],
  ]);
  await app.rest.apps.redeliverWebhookDelivery({ delivery_id: data[0]?.id ?? 0 });
  await github.settled();
  const ids = receiver.hooks.map((one) => one.headers["x-github-delivery"]);
  expect(ids).toEqual([guid, guid, guid]);
  expect(new Set(receiver.hooks.map((one) => one.body)).size).toBe(1);
});

test("a test can send any event, also one that is wrongly signed", async () => {
  const sent = await github.deliver({
    event: "ping",
    payload: { zen: "Speak like a human." },
    headers: { "x-hub-signature-256": "sha256=00", "x-github-hook-id": undefined },
  });
  expect(sent.outcome?.status).toBe(202);
  expect(receiver.hooks[0]?.headers).toMatchObject({ "x-hub-signature-256": "sha256=00" });
  expect(receiver.hooks[0]?.headers).not.toHaveProperty("x-github-hook-id");
});

test("an app hears nothing of a repository where it is not installed", async () => {
  await github.seedRepository("else/where", {}, { installed: false });
  await github.openIssue("else/where", { author: "ann", title: "t" });
  await github.settled();
  expect(github.deliveries).toEqual([]);
});

test("a receiver that isn't there is recorded as such", async () => {
  await receiver.close();
  await github.openIssue(NAME, { author: "ann", title: "t" });
  await github.settled();
  expect(github.deliveries[0]?.outcome).toMatchObject({ status: 0, error: expect.any(String) });
});
