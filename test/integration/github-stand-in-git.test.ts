import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { gitAuth, installationToken } from "../github/clients.ts";
import { startGitHub } from "../github/github.ts";
import type { GitHubStandIn } from "../github/stand-in.ts";
import { git, gitText } from "../github/world/git.ts";

const WRITE = { contents: "write" } as const;
const WORKFLOW = ".github/workflows/ci.yml";

let github: GitHubStandIn;
let folder: string;
let copy: string;

beforeAll(async () => {
  github = await startGitHub({
    app: { permissions: { contents: "write", workflows: "write", issues: "read" } },
  });
  await github.seedRepository("acme/shop", { "a.txt": "one\n", [WORKFLOW]: "on: push\n" });
  await github.seedRepository("acme/vault", { "b.txt": "two\n" });
});

afterAll(() => github.close());

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "clone-"));
  copy = join(folder, "copy");
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const cloneUrl = (name: string) => `${github.url}/${name}.git`;

async function clone(token: string, name = "acme/shop"): Promise<void> {
  await git(folder, [
    ...gitAuth(token),
    "clone",
    "--quiet",
    "--single-branch",
    cloneUrl(name),
    "copy",
  ]);
}

/** Commits one file in the copy; gives the commit. */
async function commit(path: string, content: string | Uint8Array): Promise<string> {
  await mkdir(join(copy, path, ".."), { recursive: true });
  await writeFile(join(copy, path), content);
  await git(copy, ["add", path]);
  const author = ["-c", "user.name=t", "-c", "user.email=t@example.com"];
  await git(copy, [...author, "commit", "--quiet", "--message=change"]);
  return gitText(copy, ["rev-parse", "HEAD"]);
}

function push(token: string, ...args: string[]): Promise<Buffer> {
  return git(copy, [...gitAuth(token), "push", "origin", ...args]);
}

function branch(name: string): Promise<string> {
  const { folder: bare } = github.repository("acme/shop");
  return gitText(bare, ["for-each-ref", "--format=%(objectname)", `refs/heads/${name}`]);
}

describe("reading", () => {
  test("a token for one repository clones that one and no other", async () => {
    const token = await installationToken(github, "acme/shop", { contents: "read" });
    await clone(token);
    expect(await readFile(join(copy, "a.txt"), "utf8")).toBe("one\n");
    await rm(copy, { recursive: true });
    await expect(clone(token, "acme/vault")).rejects.toThrow("not found");
  });

  test("nobody clones without a token, with a made-up one or without the permission", async () => {
    const bare = git(folder, ["clone", "--quiet", cloneUrl("acme/shop"), "copy"]);
    await expect(bare).rejects.toThrow("could not read Username");
    await expect(clone("ghs_madeup")).rejects.toThrow(/Authentication failed|could not read/);
    const issues = await installationToken(github, "acme/shop", { issues: "read" });
    await expect(clone(issues)).rejects.toThrow("403");
  });

  test("a single commit can be fetched without its history", async () => {
    const token = await installationToken(github, "acme/shop", { contents: "read" });
    const options = ["--depth=1", "--filter=blob:none", "--no-checkout"];
    await git(folder, [...gitAuth(token), "clone", ...options, cloneUrl("acme/shop"), "copy"]);
    expect(await gitText(copy, ["rev-list", "--count", "HEAD"])).toBe("1");
  });
});

describe("pushing", () => {
  test("needs the permission to write contents", async () => {
    const token = await installationToken(github, "acme/shop", { contents: "read" });
    await clone(token);
    await commit("a.txt", "changed\n");
    await expect(push(token, "HEAD:refs/heads/refused")).rejects.toThrow("403");
    expect(await branch("refused")).toBe("");
  });

  test("moves the ref, is on record and tells the app", async () => {
    const token = await installationToken(github, "acme/shop", WRITE);
    await clone(token);
    const sha = await commit("a.txt", "changed\n");
    await push(token, "HEAD:refs/heads/moved");
    expect(await branch("moved")).toBe(sha);
    expect(github.pushes.filter((one) => one.ref === "refs/heads/moved")).toEqual([
      {
        repository: "acme/shop",
        ref: "refs/heads/moved",
        before: "0".repeat(40),
        after: sha,
        forced: false,
        by: "dunlin[bot]",
      },
    ]);
    const hook = await github.waitForDelivery((one) => one.payload["after"] === sha);
    expect(hook.payload).toMatchObject({ created: true, head_commit: { modified: ["a.txt"] } });
  });

  test("by force is marked as such", async () => {
    const token = await installationToken(github, "acme/shop", WRITE);
    await clone(token);
    await commit("a.txt", "first\n");
    await push(token, "HEAD:refs/heads/forced");
    await git(copy, ["reset", "--quiet", "--hard", "HEAD~1"]);
    await commit("a.txt", "second\n");
    await push(token, "--force", "HEAD:refs/heads/forced");
    const moves = github.pushes.filter((one) => one.ref === "refs/heads/forced");
    expect(moves.map((one) => one.forced)).toEqual([false, true]);
  });

  test("a large pack in chunks goes through and every byte of it is kept", async () => {
    const token = await installationToken(github, "acme/shop", WRITE);
    await clone(token);
    const large = randomBytes(6 * 1024 * 1024);
    const sha = await commit("large.bin", large);
    await push(token, "HEAD:refs/heads/large");
    expect(await branch("large")).toBe(sha);
    const sent = github.requests.findLast((one) => one.path.endsWith("/git-receive-pack"));
    expect(sent?.headers["transfer-encoding"]).toBe("chunked");
    let found = false;
    for await (const { bytes } of github.receivedBytes()) found ||= bytes.equals(large);
    expect(found).toBe(true);
  });

  test("of a workflow needs its own permission; the refused bytes are kept too", async () => {
    const token = await installationToken(github, "acme/shop", WRITE);
    await clone(token);
    await commit(WORKFLOW, "on: canary-in-a-workflow\n");
    const sha = await commit("a.txt", "a later commit\n");
    const refused = push(token, "HEAD:refs/heads/workflow");
    await expect(refused).rejects.toThrow("without `workflows` permission");
    expect(await branch("workflow")).toBe("");
    const pieces: string[] = [];
    for await (const { from, bytes } of github.receivedBytes()) {
      if (bytes.includes("canary-in-a-workflow")) pieces.push(from);
    }
    expect(pieces).toEqual([expect.stringMatching(/^object pushed by .*: blob [0-9a-f]{40}$/)]);
    const allowed = await installationToken(github, "acme/shop", { ...WRITE, workflows: "write" });
    await push(allowed, "HEAD:refs/heads/workflow");
    expect(await branch("workflow")).toBe(sha);
  });

  test("takes effect even when its answer is lost", async () => {
    const token = await installationToken(github, "acme/shop", WRITE);
    await clone(token);
    const sha = await commit("a.txt", "lost\n");
    const fault = github.fail({ method: "POST", path: /git-receive-pack$/, loseAnswer: true });
    await expect(push(token, "HEAD:refs/heads/lost")).rejects.toThrow();
    expect(fault.hits).toBe(1);
    expect(await branch("lost")).toBe(sha);
    await push(token, "HEAD:refs/heads/lost"); // the second time there is nothing to do
    expect(github.pushes.filter((one) => one.ref === "refs/heads/lost")).toHaveLength(1);
  });

  test("does nothing when the host fails before it", async () => {
    const token = await installationToken(github, "acme/shop", WRITE);
    await clone(token);
    await commit("a.txt", "never\n");
    github.fail({ method: "POST", path: /git-receive-pack$/, status: 502 });
    await expect(push(token, "HEAD:refs/heads/never")).rejects.toThrow("502");
    expect(await branch("never")).toBe("");
  });

  test("of two at once to one branch lets one win", async () => {
    const token = await installationToken(github, "acme/shop", WRITE);
    await clone(token);
    const first = await commit("a.txt", "first\n");
    await git(copy, ["checkout", "--quiet", "--detach", "HEAD~1"]);
    const second = await commit("a.txt", "second\n");
    const both = [first, second].map((sha) => push(token, `${sha}:refs/heads/raced`));
    const outcomes = await Promise.allSettled(both);
    expect(outcomes.filter((one) => one.status === "fulfilled")).toHaveLength(1);
    const moves = github.pushes.filter((one) => one.ref === "refs/heads/raced");
    expect(moves.map((one) => one.after)).toEqual([await branch("raced")]);
  });
});
