import { generateKeyPairSync, sign } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { appClient, installationToken, tokenClient } from "../github/clients.ts";
import { startGitHub } from "../github/github.ts";
import type { GitHubStandIn } from "../github/stand-in.ts";

const SHOP = { owner: "acme", repo: "shop" };
const VAULT = { owner: "acme", repo: "vault" };

let github: GitHubStandIn;

beforeAll(async () => {
  github = await startGitHub();
  await github.seedRepository("acme/shop", { "a.txt": "one\n" }, { roles: { reader: "read" } });
  await github.seedRepository("acme/vault", { "secret.txt": "two\n" });
  await github.seedRepository("acme/old", { "a.txt": "one\n" }, { archived: true });
  await github.seedRepository("acme/open", { "a.txt": "one\n" }, { private: false });
});

afterAll(() => github.close());

describe("the app's JWT", () => {
  test("is good when the app's key signed it", async () => {
    const { data } = await appClient(github).rest.apps.getAuthenticated();
    expect(data).toMatchObject({ slug: "dunlin", id: github.app.id });
  });

  test("is refused when another key signed it", async () => {
    const { privateKey } = generateKeyPairSync("rsa", {
      modulusLength: 2048,
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs1", format: "pem" },
    });
    const call = appClient(github, privateKey).rest.apps.getAuthenticated();
    await expect(call).rejects.toMatchObject({ status: 401 });
  });

  test.each([
    ["has expired", { exp: -1 }, 401],
    ["is good for longer than ten minutes", { exp: 3600 }, 401],
    ["comes from the future", { iat: 600, exp: 900 }, 401],
    ["is another app's", { iss: 1 }, 404],
  ])("is refused when it %s", async (_reason, claims, status) => {
    const now = Math.floor(Date.now() / 1000);
    const { iat = -60, exp = 300, iss = github.app.id } = claims as Record<string, number>;
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const head = part({ alg: "RS256", typ: "JWT" });
    const signed = `${head}.${part({ iss, iat: now + iat, exp: now + exp })}`;
    const signature = sign("sha256", Buffer.from(signed), github.app.privateKey);
    const client = tokenClient(github, `${signed}.${signature.toString("base64url")}`);
    await expect(client.rest.apps.getAuthenticated()).rejects.toMatchObject({ status });
  });

  test("opens no repository", async () => {
    const signed = (await appClient(github).auth({ type: "app" })) as { readonly token: string };
    const call = tokenClient(github, signed.token).rest.repos.get(SHOP);
    await expect(call).rejects.toMatchObject({ status: 403 });
  });
});

describe("an installation token", () => {
  test("has GitHub's long form and reaches its own repository only", async () => {
    const token = await installationToken(github, "acme/shop", { contents: "read" });
    expect(token).toMatch(/^ghs_\d+_[\w-]+\.[\w-]+\.[\w-]+$/);
    expect(token.length).toBeGreaterThan(480);
    const client = tokenClient(github, token);
    const file = await client.rest.repos.getContent({ ...SHOP, path: "a.txt" });
    expect(file.data).toMatchObject({ content: "b25lCg==\n", encoding: "base64" });
    await expect(client.rest.repos.get(VAULT)).rejects.toMatchObject({ status: 404 });
    const { data } = await client.rest.apps.listReposAccessibleToInstallation();
    expect(data.repositories.map((one) => one.full_name)).toEqual(["acme/shop"]);
  });

  test("does only what its permissions allow", async () => {
    const { number } = await github.openIssue("acme/shop", { author: "ann", title: "t" });
    const issue = { ...SHOP, issue_number: number };
    const reader = await installationToken(github, "acme/shop", { issues: "read" });
    const client = tokenClient(github, reader);
    expect((await client.rest.issues.get(issue)).data.title).toBe("t");
    const writes = client.rest.issues.createComment({ ...issue, body: "hello" });
    await expect(writes).rejects.toMatchObject({ status: 403 });
    const contents = client.rest.repos.getContent({ ...SHOP, path: "a.txt" });
    await expect(contents).rejects.toMatchObject({ status: 403 });
  });

  test("is never given more than the app has, nor a repository where the app is not", async () => {
    await github.seedRepository("else/where", {}, { installed: false });
    const more = installationToken(github, "acme/shop", { administration: "write" });
    await expect(more).rejects.toMatchObject({ status: 422 });
    const foreign = appClient(github).rest.apps.createInstallationAccessToken({
      installation_id: github.repository("acme/shop").installation?.id ?? 0,
      repositories: ["where"],
    });
    await expect(foreign).rejects.toMatchObject({ status: 422 });
  });

  test("is good no more when it was given back or has expired", async () => {
    const own = await startGitHub({ tokenForm: "short" });
    try {
      await own.seedRepository("acme/shop", { "a.txt": "one\n" });
      const returned = await installationToken(own, "acme/shop", { contents: "read" });
      expect(returned).toMatch(/^ghs_\w{36}$/);
      await tokenClient(own, returned).rest.apps.revokeInstallationAccessToken();
      const after = tokenClient(own, returned).rest.repos.get(SHOP);
      await expect(after).rejects.toMatchObject({ status: 401 });
      const kept = tokenClient(own, await installationToken(own, "acme/shop", {}));
      expect((await kept.rest.repos.get(SHOP)).status).toBe(200);
      own.expireTokens();
      await expect(kept.rest.repos.get(SHOP)).rejects.toMatchObject({ status: 401 });
    } finally {
      await own.close();
    }
  });
});

describe("people", () => {
  test("act within their role", async () => {
    const reader = tokenClient(github, github.personToken("reader"));
    const stranger = tokenClient(github, github.personToken("stranger"));
    const { data } = await reader.rest.issues.create({ ...SHOP, title: "t", labels: ["dunlin"] });
    expect(data.labels).toEqual([]); // who may not label can't do it by opening
    const label = { ...SHOP, issue_number: data.number, labels: ["dunlin"] };
    await expect(reader.rest.issues.addLabels(label)).rejects.toMatchObject({ status: 403 });
    await expect(stranger.rest.repos.get(SHOP)).rejects.toMatchObject({ status: 404 });
    const suite = reader.rest.checks.create({ ...SHOP, name: "x", head_sha: "0".repeat(40) });
    await expect(suite).rejects.toMatchObject({ status: 403 });
  });

  test("have the permission that GitHub's API would answer", async () => {
    github.setPermission("acme/shop", "maintainer", "maintain");
    github.setPermission("acme/shop", "sorter", "triage");
    github.personToken("nobody");
    const client = tokenClient(github, await installationToken(github, "acme/shop", {}));
    const ask = async (username: string) => {
      const { data } = await client.rest.repos.getCollaboratorPermissionLevel({
        ...SHOP,
        username,
      });
      return [data.permission, data.role_name];
    };
    expect(await ask("maintainer")).toEqual(["write", "maintain"]);
    expect(await ask("sorter")).toEqual(["read", "triage"]);
    expect(await ask("nobody")).toEqual(["none", "none"]);
    await expect(ask("unheard-of")).rejects.toMatchObject({ status: 404 });
  });
});

test("nobody writes to an archived repository", async () => {
  const token = await installationToken(github, "acme/old", { issues: "write" });
  const create = tokenClient(github, token).rest.issues.create({
    owner: "acme",
    repo: "old",
    title: "t",
  });
  await expect(create).rejects.toMatchObject({ status: 403 });
});

test("everybody reads a public repository and nobody unknown writes to it", async () => {
  const open = { owner: "acme", repo: "open" };
  const client = tokenClient(github);
  expect((await client.rest.repos.get(open)).data.private).toBe(false);
  const create = client.rest.issues.create({ ...open, title: "t" });
  await expect(create).rejects.toMatchObject({ status: 401 });
  await expect(client.rest.repos.get(SHOP)).rejects.toMatchObject({ status: 404 });
});

test("the primary rate limit is counted for each installation", async () => {
  const own = await startGitHub({ rateLimitPerHour: 2 });
  try {
    await own.seedRepository("acme/shop", {});
    const client = tokenClient(own, await installationToken(own, "acme/shop", {}));
    const first = await client.rest.repos.get(SHOP);
    expect(first.headers["x-ratelimit-remaining"]).toBe("1");
    await client.rest.repos.get(SHOP);
    const third = client.rest.repos.get(SHOP);
    await expect(third).rejects.toMatchObject({
      status: 403,
      response: { headers: { "x-ratelimit-remaining": "0" } },
    });
  } finally {
    await own.close();
  }
});
