import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { CodeHost } from "../../src/code-host/code-host.ts";
import { startGitHub } from "../github/github.ts";
import type { GitHubStandIn } from "../github/stand-in.ts";
import { refOf, startApp } from "./github-app.ts";

const NAME = "octo/a.b_c-d";

let github: GitHubStandIn;
let app: Awaited<ReturnType<typeof startApp>>;
let host: CodeHost;
let from = 0;

beforeAll(async () => {
  github = await startGitHub();
  await github.seedRepository(NAME, { "a.txt": "a\n", ".github/dunlin.yml": "test: npm test\n" });
  await github.seedRepository("octo/other", { "a.txt": "a\n" });
  for (const role of ["admin", "maintain", "write", "triage", "read"] as const) {
    github.setPermission(NAME, `the-${role}`, role);
  }
});

beforeEach(async () => {
  app = await startApp(github);
  host = await app.app.hosts.repository(await refOf(github, app, NAME));
  from = github.requests.length;
});

afterEach(() => app.close());

afterAll(() => github.close());

const sent = (operation: string) =>
  github.requests.slice(from).filter((request) => request.operation === operation);
const minted = () =>
  sent("apps/create-installation-access-token").map(({ body }) => JSON.parse(body.toString()));

async function newIssue(more: { readonly body?: string } = {}) {
  const issue = await github.openIssue(NAME, { title: "It breaks", author: "outsider", ...more });
  return issue.number;
}

const own = (issueNumber: number) =>
  [...github.repository(NAME).comments.values()].filter(
    (comment) =>
      comment.issueNumber === issueNumber && comment.author.login === github.app.botLogin,
  );

describe("reading", () => {
  it("gives each request a time of its own, however long the client is used", async () => {
    const times: AbortController[] = [];
    const clock = vi.spyOn(AbortSignal, "timeout").mockImplementation(() => {
      const time = new AbortController();
      times.push(time);
      return time.signal;
    });
    try {
      await host.info();
      for (const time of times) time.abort(new DOMException("over", "TimeoutError"));
      expect(times).not.toEqual([]);
      await expect(host.info()).resolves.toMatchObject({ defaultBranch: "main" });
    } finally {
      clock.mockRestore();
    }
  });

  it("shows the repository, an issue, its thread and a file", async () => {
    const number = await newIssue();
    for (let i = 0; i < 130; i++) github.comment(NAME, number, `comment ${i}`, "outsider");
    expect(await host.info()).toEqual({ defaultBranch: "main", archived: false, empty: false });
    expect(await host.issue(number)).toMatchObject({
      number,
      title: "It breaks",
      body: "",
      state: "open",
      isPullRequest: false,
      author: { login: "outsider", isBot: false },
    });
    const comments = await host.comments(number);
    expect(comments.map(({ body }) => body)).toEqual(
      Array.from({ length: 130 }, (_, i) => `comment ${i}`),
    );
    expect(await host.readFile(".github/dunlin.yml")).toBe("test: npm test\n");
    expect(await host.readFile("no/such/file")).toBeUndefined();
    expect(await host.readFile(".github")).toBeUndefined();
    expect(host.mention).toBe(`@${github.app.slug}`);
  });

  it.each(["admin", "maintain", "write", "triage", "read"])(
    "knows who has %s access",
    async (role) => {
      expect(await host.permission(`the-${role}`)).toBe(role);
    },
  );

  it("gives none to an account that is none", async () => {
    expect(await host.permission("nobody/../x?y=z")).toBe("none");
  });

  it("says what is missing", async () => {
    await expect(host.issue(9999)).rejects.toMatchObject({
      kind: "not-permitted",
      code: "not-found",
    });
  });
});

describe("tokens", () => {
  it("are for one repository and one phase, and used again within it", async () => {
    const number = await newIssue();
    await host.issue(number);
    await host.comments(number);
    await host.writeComment(number, "tokens", "Hello.");
    await host.remote("read");
    const ids = [host.repository.id];
    expect(minted()).toEqual([
      {
        repository_ids: ids,
        permissions: { metadata: "read", contents: "read", issues: "read", pull_requests: "read" },
      },
      { repository_ids: ids, permissions: { issues: "write" } },
      { repository_ids: ids, permissions: { contents: "read" } },
    ]);
  });

  it("are minted anew once when they are rejected", async () => {
    const number = await newIssue();
    await host.issue(number);
    github.expireTokens();
    expect(await host.issue(number)).toMatchObject({ number });
    expect(minted()).toHaveLength(2);
  });

  it("end with the App", async () => {
    await host.info();
    await app.app.close();
    expect(sent("apps/revoke-installation-access-token")).toMatchObject([{ status: 204 }]);
  });

  it("are not asked for without end when GitHub rejects the App", async () => {
    github.fail({ path: /access_tokens$/, status: 401 });
    await expect(host.info()).rejects.toMatchObject({
      kind: "not-permitted",
      code: "credentials-rejected",
    });
    const asked = github.requests.slice(from).filter(({ path }) => path.endsWith("access_tokens"));
    expect(asked).toHaveLength(1);
  });

  it("of another installation's repository are refused", async () => {
    const stranger = { ...host.repository, installationId: host.repository.installationId + 999 };
    const other = await app.app.hosts.repository(stranger);
    await expect(other.info()).rejects.toMatchObject({
      kind: "not-permitted",
      code: "not-installed",
    });
  });
});

describe("the comment of a marker", () => {
  it("is made once and then edited, by another process too", async () => {
    const number = await newIssue();
    for (let i = 0; i < 120; i++) github.comment(NAME, number, `comment ${i}`, "outsider");
    const first = await host.writeComment(number, "run-1", "Working.");
    const second = await host.writeComment(number, "run-1", "Done.");
    const elsewhere = await startApp(github);
    const again = await elsewhere.app.hosts.repository(host.repository);
    const third = await again.writeComment(number, "run-1", "Really done.");
    await elsewhere.close();
    expect([second.url, third.url]).toEqual([first.url, first.url]);
    expect(own(number).map(({ body }) => body)).toEqual([
      "<!-- dunlin:run=run-1 -->\nReally done.",
    ]);
  });

  it("is one even when two write at once or GitHub's answer is lost", async () => {
    const number = await newIssue();
    await Promise.all([
      host.writeComment(number, "at-once", "One."),
      host.writeComment(number, "at-once", "Two."),
    ]);
    github.fail({ method: "POST", path: /comments$/, loseAnswer: true });
    await host.writeComment(number, "lost", "Three.");
    github.fail({ method: "POST", path: /comments$/, status: 502, times: 2 });
    await host.writeComment(number, "bad-gateway", "Four.");
    expect(own(number)).toHaveLength(3);
  });

  it("is never somebody else's", async () => {
    const number = await newIssue();
    const posted = github.comment(NAME, number, "<!-- dunlin:run=run-2 -->\nMine.", "outsider");
    const { url } = await host.writeComment(number, "run-2", "Dunlin's.");
    expect(url).not.toBe(posted.url);
    expect(own(number)).toHaveLength(1);
  });

  it("is cut to what GitHub takes", async () => {
    const number = await newIssue();
    await host.writeComment(number, "long", "x".repeat(100_000));
    expect(own(number)[0]?.body).toMatch(/x\n\n\[… cut: GitHub takes no more\]$/);
  });

  it("waits as long as GitHub asks, within bounds", async () => {
    const number = await newIssue();
    github.fail({ method: "POST", path: /comments$/, status: 403, retryAfter: 1 });
    await host.writeComment(number, "slow", "Five.");
    github.fail({ method: "POST", path: /comments$/, status: 403, retryAfter: 3600 });
    await expect(host.writeComment(number, "slower", "Six.")).rejects.toMatchObject({
      kind: "unavailable",
      details: { retryAfterSeconds: 3600 },
    });
  });
});

describe("labels and reactions", () => {
  it("take a label off, once or when it is gone", async () => {
    const number = await newIssue();
    await github.label(NAME, number, "needs: 50% / more?", "the-write");
    await host.removeLabel(number, "needs: 50% / more?");
    await host.removeLabel(number, "needs: 50% / more?");
    expect((await host.issue(number)).labels).toEqual([]);
  });

  it("react to a comment, and not to one that is gone", async () => {
    const number = await newIssue();
    const { id } = github.comment(NAME, number, "@dunlin fix", "the-write");
    await host.acknowledge(id);
    await host.acknowledge(id);
    await host.acknowledge(id + 10_000);
    expect(sent("reactions/create-for-issue-comment").map(({ status }) => status)).toEqual([
      201, 200, 404,
    ]);
  });
});

describe("every request", () => {
  it("is one that GitHub's description knows, and no secret is in the log", () => {
    expect(github.violations).toEqual([]);
    expect(JSON.stringify(app.log.lines)).not.toMatch(/gh[a-z]_\w{20}|PRIVATE KEY|eyJ/);
  });
});
