import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { installationToken, tokenClient } from "../github/clients.ts";
import { startGitHub } from "../github/github.ts";
import type { GitHubStandIn } from "../github/stand-in.ts";
import { gitText } from "../github/world/git.ts";

const SHOP = { owner: "acme", repo: "shop" };
const NAME = "acme/shop";

let github: GitHubStandIn;
let app: ReturnType<typeof tokenClient>;

beforeAll(async () => {
  github = await startGitHub({ checkResponses: true });
  await github.seedRepository(NAME, { "a.txt": "one\ntwo\nthree\n", "old.bin": "\0\u0001" });
  const permissions = {
    checks: "write",
    contents: "write",
    issues: "write",
    pull_requests: "write",
  } as const;
  app = tokenClient(github, await installationToken(github, NAME, permissions));
});

afterAll(() => github.close());

const bare = () => github.repository(NAME).folder;
const openIssue = () =>
  github.openIssue(NAME, { author: "ann", title: "A bug", body: "It breaks." });

describe("a pull request", () => {
  const pull = (head: string, more = {}) =>
    app.rest.pulls.create({ ...SHOP, head, base: "main", title: "Fix", draft: true, ...more });

  test("takes its diff, files, commits and totals from git and follows its branch", async () => {
    const first = await github.push(
      NAME,
      {
        branch: "fix",
        message: "first",
        files: { "a.txt": "one\n2\nthree\n", "new/b.js": "b\n", "old.bin": null },
      },
      "bob",
    );
    const { data: opened } = await pull("fix");
    expect(opened).toMatchObject({ draft: true, state: "open", head: { sha: first }, commits: 1 });
    expect(opened).toMatchObject({ changed_files: 3, additions: 2, deletions: 1, mergeable: true });
    const numbered = { ...SHOP, pull_number: opened.number };

    const files = (await app.rest.pulls.listFiles(numbered)).data;
    expect(files.map((one) => [one.filename, one.status, one.additions, one.deletions])).toEqual([
      ["a.txt", "modified", 1, 1],
      ["new/b.js", "added", 1, 0],
      ["old.bin", "removed", 0, 0],
    ]);
    expect(files[0]?.patch).toBe("@@ -1,3 +1,3 @@\n one\n-two\n+2\n three");
    expect(files[2]?.patch).toBeUndefined();
    const diff = await app.rest.pulls.get({ ...numbered, mediaType: { format: "diff" } });
    const expected = await gitText(bare(), ["diff", "--full-index", "main...fix"]);
    expect(String(diff.data).trimEnd()).toBe(expected);

    const second = await github.push(
      NAME,
      { branch: "fix", message: "second", files: { "c.txt": "c\n" } },
      "bob",
    );
    const event = await github.waitForDelivery((one) => one.action === "synchronize");
    expect(event.payload).toMatchObject({ before: first, after: second, number: opened.number });
    const commits = (await app.rest.pulls.listCommits(numbered)).data;
    expect(commits.map((one) => [one.sha, one.commit.message])).toEqual([
      [first, "first"],
      [second, "second"],
    ]);
  });

  test("that can't be merged says so", async () => {
    await github.push(NAME, { branch: "mine", message: "m", files: { "x.txt": "mine\n" } }, "bob");
    await github.push(
      NAME,
      { branch: "main", message: "t", files: { "x.txt": "theirs\n" } },
      "bob",
    );
    const { data } = await pull("mine", { draft: false });
    expect(data).toMatchObject({ mergeable: false, mergeable_state: "dirty", changed_files: 1 });
  });

  test("is refused for a missing branch, without a commit of its own, and a second time", async () => {
    const refused = async (head: string) => {
      const error = await pull(head).catch((thrown) => thrown);
      return [error.status, error.response.data.errors[0]];
    };
    expect(await refused("missing")).toEqual([422, expect.objectContaining({ field: "head" })]);
    const { data: main } = await app.rest.git.getRef({ ...SHOP, ref: "heads/main" });
    await app.rest.git.createRef({ ...SHOP, ref: "refs/heads/same", sha: main.object.sha });
    const none = { message: "No commits between main and same" };
    expect(await refused("same")).toEqual([422, expect.objectContaining(none)]);
    await github.push(NAME, { branch: "twice", message: "t", files: { "t.txt": "t\n" } }, "bob");
    await pull("twice");
    const second = { message: "A pull request already exists for acme:twice." };
    expect(await refused("twice")).toEqual([422, expect.objectContaining(second)]);
  });

  test("is found by its head and can be edited and closed", async () => {
    await github.push(NAME, { branch: "found", message: "f", files: { "f.txt": "f\n" } }, "bob");
    const { number } = (await pull("found")).data;
    const list = await app.rest.pulls.list({ ...SHOP, head: "acme:found", state: "all" });
    expect(list.data.map((one) => one.number)).toEqual([number]);
    const change = { ...SHOP, pull_number: number, title: "Better", state: "closed" } as const;
    expect((await app.rest.pulls.update(change)).data).toMatchObject({ title: "Better" });
    expect((await app.rest.pulls.list({ ...SHOP, head: "acme:found" })).data).toEqual([]);
    await github.waitForDelivery((one) => one.event === "pull_request" && one.action === "closed");
  });
});

test("objects made by the API are the ones that git makes", async () => {
  const { data: ref } = await app.rest.git.getRef({ ...SHOP, ref: "heads/main" });
  const base = await app.rest.git.getCommit({ ...SHOP, commit_sha: ref.object.sha });
  const blob = await app.rest.git.createBlob({ ...SHOP, content: "aGk=", encoding: "base64" });
  const { data: tree } = await app.rest.git.createTree({
    ...SHOP,
    base_tree: base.data.tree.sha,
    tree: [
      { path: "deep/hi.txt", mode: "100755", type: "blob", sha: blob.data.sha },
      { path: "a.txt", mode: "100644", type: "blob", sha: null },
    ],
  });
  const { data: commit } = await app.rest.git.createCommit({
    ...SHOP,
    message: "By the API",
    tree: tree.sha,
    parents: [ref.object.sha],
    author: { name: "t", email: "t@example.com", date: "2026-01-02T03:04:05Z" },
  });
  await app.rest.git.createRef({ ...SHOP, ref: "refs/heads/by-api", sha: commit.sha });
  expect(await gitText(bare(), ["log", "-1", "--format=%s %ae %cI", "by-api"])).toBe(
    "By the API t@example.com 2026-01-02T03:04:05+00:00",
  );
  expect(await gitText(bare(), ["show", "by-api:deep/hi.txt"])).toBe("hi");
  const again = { ...SHOP, ref: "refs/heads/by-api", sha: commit.sha };
  await expect(app.rest.git.createRef(again)).rejects.toMatchObject({ status: 422 });
  const workflow = app.rest.git.createTree({
    ...SHOP,
    tree: [{ path: ".github/workflows/x.yml", mode: "100644", type: "blob", content: "on: push" }],
  });
  await expect(workflow).rejects.toMatchObject({ status: 403 });
});

test("contents come as JSON, as they are, and as a list of a folder", async () => {
  const sha = await github.push(
    NAME,
    { branch: "contents", message: "c", files: { "d/π.txt": "pi\n", "d/e/f": "f" } },
    "bob",
  );
  const at = { ...SHOP, ref: sha };
  const list = await app.rest.repos.getContent({ ...at, path: "d" });
  expect(list.data).toMatchObject([
    { name: "e", type: "dir" },
    { path: "d/π.txt", type: "file" },
  ]);
  const raw = await app.rest.repos.getContent({
    ...at,
    path: "d/π.txt",
    mediaType: { format: "raw" },
  });
  expect(raw.data).toBe("pi\n");
  const missing = app.rest.repos.getContent({ ...at, path: "nothing" });
  await expect(missing).rejects.toMatchObject({ status: 404 });
});

test("a check run keeps what is written to it, with at most 50 annotations at a time", async () => {
  const { data: ref } = await app.rest.git.getRef({ ...SHOP, ref: "heads/main" });
  const head_sha = ref.object.sha;
  const line = { path: "a.txt", start_line: 1, end_line: 1, message: "m" } as const;
  const annotations = (count: number) =>
    Array.from({ length: count }, () => ({ ...line, annotation_level: "notice" as const }));
  const output = (count: number) => ({ title: "t", summary: "s", annotations: annotations(count) });
  const run = { ...SHOP, name: "dunlin", head_sha, external_id: "run-1" };
  const { data } = await app.rest.checks.create({ ...run, output: output(50) });
  const done = {
    ...SHOP,
    check_run_id: data.id,
    conclusion: "success",
    output: output(3),
  } as const;
  expect((await app.rest.checks.update(done)).data).toMatchObject({
    status: "completed",
    output: { annotations_count: 53 },
  });
  const { data: list } = await app.rest.checks.listForRef({ ...SHOP, ref: "main" });
  expect(list.check_runs.map((one) => one.external_id)).toEqual(["run-1"]);
  const written = await app.paginate(app.rest.checks.listAnnotations, {
    ...SHOP,
    check_run_id: data.id,
  });
  expect(written).toHaveLength(53);
  const tooMany = app.rest.checks.create({ ...run, output: output(51) });
  await expect(tooMany).rejects.toMatchObject({ status: 422 });
  const nowhere = app.rest.checks.create({ ...run, head_sha: "1".repeat(40) });
  await expect(nowhere).rejects.toMatchObject({ status: 422 });
});

describe("an issue", () => {
  test("has comments in pages, oldest first, that can be edited and deleted", async () => {
    const { number } = await openIssue();
    const issue = { ...SHOP, issue_number: number };
    for (let n = 1; n <= 35; n += 1) github.comment(NAME, number, `comment ${n}`, "ann");
    const { data: own } = await app.rest.issues.createComment({ ...issue, body: "by the app" });
    expect(own.user).toMatchObject({ login: "dunlin[bot]", type: "Bot" });
    expect(own.performed_via_github_app?.slug).toBe("dunlin");
    await app.rest.issues.updateComment({ ...SHOP, comment_id: own.id, body: "edited" });
    const comments = await app.paginate(app.rest.issues.listComments, issue);
    expect(comments.map((one) => one.body)).toEqual([
      ...Array.from({ length: 35 }, (_, n) => `comment ${n + 1}`),
      "edited",
    ]);
    await app.rest.issues.deleteComment({ ...SHOP, comment_id: own.id });
    const gone = app.rest.issues.getComment({ ...SHOP, comment_id: own.id });
    await expect(gone).rejects.toMatchObject({ status: 404 });
  });

  test("loses a label once and is told of one that is not there", async () => {
    const { number } = await openIssue();
    await github.label(NAME, number, "dunlin", "bob");
    const label = { ...SHOP, issue_number: number, name: "dunlin" };
    expect((await app.rest.issues.removeLabel(label)).data).toEqual([]);
    await expect(app.rest.issues.removeLabel(label)).rejects.toMatchObject({ status: 404 });
    const event = await github.waitForDelivery(
      (one) => one.action === "unlabeled" && one.body.includes(`/issues/${number}"`),
    );
    expect(event.payload).toMatchObject({ label: { name: "dunlin" }, sender: { type: "Bot" } });
  });

  test("takes one reaction of a kind from each", async () => {
    const { number } = await openIssue();
    const { id } = github.comment(NAME, number, "please", "ann");
    const reaction = { ...SHOP, comment_id: id, content: "eyes" } as const;
    expect((await app.rest.reactions.createForIssueComment(reaction)).status).toBe(201);
    expect((await app.rest.reactions.createForIssueComment(reaction)).status).toBe(200);
    const { data } = await app.rest.issues.getComment({ ...SHOP, comment_id: id });
    expect(data.reactions).toMatchObject({ total_count: 1, eyes: 1 });
  });

  test("has a body of at most 65,536 characters", async () => {
    const { number } = await openIssue();
    const comment = (length: number) =>
      app.rest.issues.createComment({ ...SHOP, issue_number: number, body: "x".repeat(length) });
    expect((await comment(65_536)).status).toBe(201);
    await expect(comment(65_537)).rejects.toMatchObject({ status: 422 });
  });
});
