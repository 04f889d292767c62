import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { appClient, installationToken, startReceiver, tokenClient } from "../github/clients.ts";
import { startGitHub } from "../github/github.ts";
import { eventProblems, operations, responseProblems } from "../github/http/description.ts";
import type { GitHubStandIn } from "../github/stand-in.ts";

const NAME = "acme/shop";
const SHOP = { owner: "acme", repo: "shop" };

let github: GitHubStandIn;
let receiver: Awaited<ReturnType<typeof startReceiver>>;

beforeAll(async () => {
  receiver = await startReceiver();
  github = await startGitHub({ checkResponses: true, webhookUrl: receiver.url });
  const files = {
    "a.txt": "one\n",
    "d/b.txt": "two\n",
    link: { content: "a.txt", mode: "120000" as const },
  };
  await github.seedRepository(NAME, files, { roles: { alice: "admin" } });
});

afterAll(async () => {
  await github.close();
  await receiver.close();
});

const permissions = {
  checks: "write",
  contents: "write",
  issues: "write",
  pull_requests: "write",
} as const;

const client = async () => tokenClient(github, await installationToken(github, NAME, permissions));

async function useRepository(): Promise<void> {
  const { rest } = await client();
  await rest.repos.get(SHOP);
  await rest.repos.listBranches(SHOP);
  await rest.repos.getBranch({ ...SHOP, branch: "main" });
  await rest.repos.getCollaboratorPermissionLevel({ ...SHOP, username: "alice" });
  await rest.users.getByUsername({ username: github.app.botLogin });
  for (const path of ["", "d", "a.txt", "link"]) await rest.repos.getContent({ ...SHOP, path });
  const commit = (await rest.repos.getCommit({ ...SHOP, ref: "main" })).data;
  const tree_sha = commit.commit.tree.sha;
  const tree = (await rest.git.getTree({ ...SHOP, tree_sha, recursive: "true" })).data;
  const file_sha = tree.tree.find((one) => one.type === "blob")?.sha ?? "";
  await rest.git.getBlob({ ...SHOP, file_sha });
  const blob = (await rest.git.createBlob({ ...SHOP, content: "new" })).data;
  const entry = { path: "new.txt", mode: "100644", type: "blob", sha: blob.sha } as const;
  const made = (await rest.git.createTree({ ...SHOP, base_tree: tree_sha, tree: [entry] })).data;
  const message = "new";
  const next = { ...SHOP, message, tree: made.sha, parents: [commit.sha] };
  const { sha } = (await rest.git.createCommit(next)).data;
  await rest.git.getCommit({ ...SHOP, commit_sha: sha });
  await rest.git.createRef({ ...SHOP, ref: "refs/heads/new", sha });
  await rest.git.getRef({ ...SHOP, ref: "heads/new" });
  await rest.git.listMatchingRefs({ ...SHOP, ref: "heads/" });
}

async function useIssues(): Promise<void> {
  const { rest } = await client();
  await rest.issues.createLabel({ ...SHOP, name: "bug", color: "ff0000" });
  await rest.issues.getLabel({ ...SHOP, name: "bug" });
  await rest.issues.listLabelsForRepo(SHOP);
  const { number } = (await rest.issues.create({ ...SHOP, title: "t", labels: ["bug"] })).data;
  const issue = { ...SHOP, issue_number: number };
  await rest.issues.get(issue);
  await rest.issues.update({ ...issue, title: "better", body: "b" });
  await rest.issues.addLabels({ ...issue, labels: ["dunlin"] });
  await rest.issues.listLabelsOnIssue(issue);
  await rest.issues.removeLabel({ ...issue, name: "dunlin" });
  const { id } = (await rest.issues.createComment({ ...issue, body: "hello" })).data;
  const comment = { ...SHOP, comment_id: id };
  await rest.issues.getComment(comment);
  await rest.issues.updateComment({ ...comment, body: "bye" });
  await rest.reactions.createForIssue({ ...issue, content: "rocket" });
  await rest.reactions.listForIssue(issue);
  await rest.reactions.createForIssueComment({ ...comment, content: "eyes" });
  await rest.reactions.listForIssueComment(comment);
  await rest.issues.listComments(issue);
  await rest.issues.deleteComment(comment);
  await rest.issues.update({ ...issue, state: "closed" });
  await rest.issues.update({ ...issue, state: "open" });
  await rest.issues.listForRepo({ ...SHOP, state: "all" });
}

async function usePulls(): Promise<void> {
  const { rest } = await client();
  const push = { branch: "fix", message: "fix", files: { "a.txt": "fixed\n" } };
  const head_sha = await github.push(NAME, push, "alice");
  const head = { ...SHOP, head: "fix", base: "main", title: "Fix", body: "b", draft: true };
  const { number } = (await rest.pulls.create(head)).data;
  const pull = { ...SHOP, pull_number: number };
  await rest.pulls.get(pull);
  await rest.pulls.list({ ...SHOP, head: "acme:fix" });
  await rest.pulls.listFiles(pull);
  await rest.pulls.listCommits(pull);
  await rest.repos.compareCommitsWithBasehead({ ...SHOP, basehead: "main...fix", per_page: 1 });
  await rest.pulls.update({ ...pull, title: "Better" });
  await github.label(NAME, number, "ready", "alice");
  await github.unlabel(NAME, number, "ready", "alice");
  await github.push(NAME, { ...push, message: "more", files: { "c.txt": "c" } }, "alice");
  await rest.pulls.update({ ...pull, state: "closed" });
  await rest.pulls.update({ ...pull, state: "open" });
  const line = { path: "a.txt", start_line: 1, end_line: 1, message: "m" };
  const annotations = [{ ...line, annotation_level: "warning" as const }];
  const output = { title: "t", summary: "s", text: "x", annotations };
  const run = (await rest.checks.create({ ...SHOP, name: "dunlin", head_sha })).data;
  const check = { ...SHOP, check_run_id: run.id };
  await rest.checks.get(check);
  await rest.checks.update({ ...check, conclusion: "success", output });
  await rest.checks.listAnnotations(check);
  await rest.checks.listForRef({ ...SHOP, ref: head_sha });
}

async function useApp(): Promise<void> {
  const { rest } = appClient(github);
  await rest.apps.getAuthenticated();
  await rest.apps.listInstallations();
  const installation_id = (await rest.apps.getRepoInstallation(SHOP)).data.id;
  await rest.apps.getInstallation({ installation_id });
  await github.settled();
  const delivery_id = (await rest.apps.listWebhookDeliveries()).data[0]?.id ?? 0;
  await rest.apps.getWebhookDelivery({ delivery_id });
  await rest.apps.redeliverWebhookDelivery({ delivery_id });
  const token = await client();
  await token.rest.apps.listReposAccessibleToInstallation();
  await token.rest.apps.revokeInstallationAccessToken();
}

test("each operation and each event is as GitHub describes it", async () => {
  await useRepository();
  await useIssues();
  await usePulls();
  await useApp();
  await github.settled();
  expect(github.violations).toEqual([]);
  const used = new Set(github.requests.map((one) => one.operation));
  expect(operations().filter((one) => !used.has(one.id))).toEqual([]);
  const file = new URL("../github/openapi/github.json", import.meta.url);
  const described = Object.keys(JSON.parse(await readFile(file, "utf8")).webhooks);
  const sent = new Set(
    github.deliveries.map(({ event, action }) =>
      [event, action].filter(Boolean).join("-").replaceAll("_", "-"),
    ),
  );
  expect(described.filter((one) => !sent.has(one))).toEqual([]);
});

test("an answer or an event that differs is found", () => {
  const [operation] = operations().filter((one) => one.id === "issues/get");
  if (!operation) throw new Error("issues/get is not described.");
  expect(responseProblems(operation, 200, { number: "1" })).toContain("/number must be integer");
  expect(responseProblems(operation, 299, {})).toEqual(["status 299 is not documented"]);
  expect(eventProblems("issues", "labeled", { action: "labeled" })).not.toEqual([]);
  expect(eventProblems("star", "created", {})).toBeUndefined();
});

test("it runs alone, as a process of its own", async () => {
  const folder = await mkdtemp(join(tmpdir(), "seed-"));
  const main = fileURLToPath(new URL("../github/main.ts", import.meta.url));
  await mkdir(join(folder, "src"));
  await writeFile(join(folder, "src", "a.js"), "a\n");
  const args = [main, "--seed", `acme/shop=${folder}`, "--person", "alice:write"];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const [line] = await once(createInterface({ input: child.stdout }), "line");
    const facts = JSON.parse(line);
    expect(await readFile(facts.privateKeyPath, "utf8")).toContain("BEGIN RSA PRIVATE KEY");
    const response = await fetch(`${facts.url}/repos/acme/shop/contents/src/a.js`, {
      headers: {
        authorization: `Bearer ${facts.tokens.alice}`,
        accept: "application/vnd.github.raw",
      },
    });
    expect(await response.text()).toBe("a\n");
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
    await expect(readFile(facts.privateKeyPath)).rejects.toThrow("ENOENT");
  } finally {
    child.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true });
  }
});
