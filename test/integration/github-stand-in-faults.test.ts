import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { installationToken, startReceiver, tokenClient } from "../github/clients.ts";
import { startGitHub } from "../github/github.ts";
import type { GitHubStandIn } from "../github/stand-in.ts";

const NAME = "acme/shop";
const SHOP = { owner: "acme", repo: "shop" };

let github: GitHubStandIn;
let receiver: Awaited<ReturnType<typeof startReceiver>>;
let app: ReturnType<typeof tokenClient>;
let issue: { readonly owner: string; readonly repo: string; readonly issue_number: number };

beforeEach(async () => {
  receiver = await startReceiver();
  github = await startGitHub();
  await github.seedRepository(NAME, { "a.txt": "one\n" }, { roles: { alice: "write" } });
  app = tokenClient(github, await installationToken(github, NAME, { issues: "write" }));
  const { number } = await github.openIssue(NAME, { author: "ann", title: "t" });
  issue = { ...SHOP, issue_number: number };
});

afterEach(async () => {
  await github.close();
  await receiver.close();
});

const comments = () => [...github.repository(NAME).comments.values()].map((one) => one.body);

describe("faults on demand", () => {
  test("an error comes instead of the effect, as often as asked", async () => {
    const fault = github.fail({ method: "POST", path: /\/comments$/, status: 502, times: 2 });
    const comment = () => app.rest.issues.createComment({ ...issue, body: "hello" });
    await expect(comment()).rejects.toMatchObject({ status: 502 });
    await expect(comment()).rejects.toMatchObject({ status: 502 });
    expect(comments()).toEqual([]);
    expect((await comment()).status).toBe(201);
    expect(fault.hits).toBe(2);
  });

  test("a secondary rate limit says when to come again", async () => {
    github.fail({ path: /\/issues/, status: 429, retryAfter: 7 });
    await expect(app.rest.issues.get(issue)).rejects.toMatchObject({
      status: 429,
      response: { headers: { "retry-after": "7" } },
    });
  });

  test("a lost answer leaves the effect and cuts the connection", async () => {
    github.fail({ method: "POST", path: /\/comments$/, loseAnswer: true });
    const lost = app.rest.issues.createComment({ ...issue, body: "hello" });
    await expect(lost).rejects.toThrow();
    expect(comments()).toEqual(["hello"]);
    const seen = await github.waitForRequest((one) => one.path.endsWith("/comments"));
    expect(seen.status).toBe(0);
  });
});

describe("what the stand-in doesn't do", () => {
  test("is answered with 501 and its name", async () => {
    const merge = app.rest.pulls.merge({ ...SHOP, pull_number: 1 });
    await expect(merge).rejects.toMatchObject({
      status: 501,
      message: expect.stringContaining("PUT /repos/acme/shop/pulls/1/merge is not implemented"),
    });
    const assign = app.rest.issues.update({ ...issue, assignees: ["ann"] });
    await expect(assign).rejects.toMatchObject({
      status: 501,
      message: expect.stringContaining("issues/update doesn't implement assignees"),
    });
  });

  test("a request that GitHub doesn't know is a violation", async () => {
    const misspelt = app.request("POST /repos/{owner}/{repo}/issues", {
      ...SHOP,
      title: "t",
      bodi: "b",
    });
    await expect(misspelt).rejects.toMatchObject({ status: 422 });
    const query = app.request("GET /repos/{owner}/{repo}/issues?perpage=3", SHOP);
    await expect(query).rejects.toMatchObject({ status: 422 });
    expect(github.violations).toEqual([
      { side: "request", what: "issues/create", problems: ["unknown property bodi"] },
      {
        side: "request",
        what: "issues/list-for-repo",
        problems: ["unknown query parameter perpage"],
      },
    ]);
  });
});

test("every request is on record with who signed it and its body", async () => {
  await app.rest.issues.createComment({ ...issue, body: "a canary" });
  const person = tokenClient(github, github.personToken("alice"));
  await person.rest.issues.get(issue);
  await tokenClient(github, "ghs_madeup")
    .rest.issues.get(issue)
    .catch(() => {});
  const seen = github.requests.slice(-3).map((one) => [one.operation, one.auth, one.status]);
  expect(seen).toEqual([
    ["issues/create-comment", "installation", 201],
    ["issues/get", "person", 200],
    ["issues/get", "refused", 401],
  ]);
  const found: string[] = [];
  for await (const { from, bytes } of github.receivedBytes()) {
    if (bytes.includes("a canary")) found.push(from);
  }
  expect(found).toEqual([`body of POST /repos/acme/shop/issues/${issue.issue_number}/comments`]);
});
