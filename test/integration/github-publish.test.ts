import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CodeHost, Proposal, Remote } from "../../src/code-host/code-host.ts";
import { startGitHub } from "../github/github.ts";
import type { GitHubStandIn } from "../github/stand-in.ts";
import { refOf, startApp } from "./github-app.ts";

const run = promisify(execFile);
const NAME = "octo/publish";

let github: GitHubStandIn;
let app: Awaited<ReturnType<typeof startApp>>;
let host: CodeHost;
let folder: string;
let from = 0;

beforeAll(async () => {
  github = await startGitHub();
  folder = await mkdtemp(join(tmpdir(), "publish-"));
  await github.seedRepository(NAME, { "a.txt": "a\n" }, { roles: { ada: "write" } });
});

beforeEach(async () => {
  app = await startApp(github);
  host = await app.app.hosts.repository(await refOf(github, app, NAME));
  from = github.requests.length;
});

afterEach(() => app.close());

afterAll(async () => {
  await github.close();
  await rm(folder, { recursive: true, force: true });
});

const sent = (operation: string) =>
  github.requests.slice(from).filter((request) => request.operation === operation);
const minted = () =>
  sent("apps/create-installation-access-token").map(({ body }) => JSON.parse(body.toString()));

describe("the check run of a marker", () => {
  it("is one, with all annotations once", async () => {
    const { baseSha } = await newBranch();
    const annotations = Array.from({ length: 120 }, (_, i) => ({
      path: "a.txt",
      line: i + 1,
      level: "notice" as const,
      message: `note ${i}`,
    }));
    const checkRun = { name: "Dunlin", headSha: baseSha, title: "Evidence", summary: "Working." };
    const first = await host.writeCheckRun("run-3", { ...checkRun, status: "in_progress" });
    const done = { ...checkRun, status: "completed", conclusion: "success", annotations } as const;
    github.fail({ method: "PATCH", path: /check-runs/, loseAnswer: true });
    const second = await host.writeCheckRun("run-3", done);
    await host.writeCheckRun("run-3", done);
    expect(second.url).toBe(first.url);
    const runs = [...github.repository(NAME).checkRuns.values()].filter(
      ({ externalId }) => externalId === "run-3",
    );
    expect(runs).toHaveLength(1);
    expect(runs[0]).toMatchObject({ status: "completed", conclusion: "success" });
    expect(runs[0]?.annotations.map(({ message }) => message)).toEqual(
      annotations.map(({ message }) => message),
    );
  });
});

let branches = 0;

/** A commit on the default branch, in a clone made with the token that `remote` gives. */
async function newBranch() {
  const clone = join(folder, `clone-${++branches}`);
  const { url, authorization } = await host.remote("read");
  const header = ["-c", `http.extraHeader=Authorization: ${authorization}`];
  await run("git", [...header, "clone", "-q", url, clone]);
  const git = async (...args: string[]) => (await run("git", ["-C", clone, ...args])).stdout.trim();
  const baseSha = await git("rev-parse", "HEAD");
  const person = ["-c", "user.name=x", "-c", "user.email=x@y.test"];
  await git(...person, "commit", "-q", "--allow-empty", "-m", `change ${branches}`);
  return {
    clone,
    baseSha,
    headSha: await git("rev-parse", "HEAD"),
    branch: `dunlin/5-x${branches}`,
  };
}

async function newProposal(more: Partial<Proposal> = {}) {
  const { clone, ...commit } = await newBranch();
  const pushes: Remote[] = [];
  const proposal: Proposal = {
    ...commit,
    issueNumber: 5,
    baseBranch: "main",
    title: "Fix it",
    body: "Proof.",
    patch: new Uint8Array(),
    push: async (remote) => {
      pushes.push(remote);
      const refspec = `${commit.headSha}:refs/heads/${commit.branch}`;
      const header = `http.extraHeader=Authorization: ${remote.authorization}`;
      await run("git", ["-C", clone, "-c", header, "push", "-q", remote.url, refspec]);
    },
    ...more,
  };
  return { proposal, pushes };
}

describe("a proposal", () => {
  it("becomes one draft pull request, however often it is published", async () => {
    const { proposal, pushes } = await newProposal();
    const first = await host.publish(proposal);
    const second = await host.publish(proposal);
    expect(second).toEqual(first);
    expect(first).toMatchObject({
      draft: true,
      headSha: proposal.headSha,
      baseSha: proposal.baseSha,
    });
    expect(sent("pulls/create")).toHaveLength(1);
    expect(new Set(pushes.map(({ authorization }) => authorization)).size).toBe(2);
    for (const { url } of pushes)
      expect(new URL(url)).toMatchObject({ username: "", password: "" });
    expect(minted()).toContainEqual({
      repository_ids: [host.repository.id],
      permissions: { contents: "write" },
    });
  });

  it("leaves no token that could push", async () => {
    const { proposal, pushes } = await newProposal();
    await host.publish(proposal);
    const header = `http.extraHeader=Authorization: ${pushes[0]?.authorization}`;
    const late = run(
      "git",
      ["-c", header, "-c", "credential.helper=", "ls-remote", pushes[0]?.url ?? ""],
      {
        env: { ...process.env, GIT_TERMINAL_PROMPT: "0" },
      },
    );
    await expect(late).rejects.toThrow(/401|403|could not read|Authentication/);
  });

  it("is one when GitHub's answer is lost", async () => {
    const { proposal } = await newProposal();
    github.fail({ method: "POST", path: /\/pulls$/, loseAnswer: true });
    expect(await host.publish(proposal)).toMatchObject({ draft: true });
    expect(sent("pulls/create")).toHaveLength(1);
  });

  it("whose push fails opens nothing", async () => {
    const failing = async () => {
      throw new Error("moved");
    };
    const { proposal } = await newProposal({ push: failing });
    await expect(host.publish(proposal)).rejects.toThrow("moved");
    expect(sent("pulls/create")).toEqual([]);
  });

  it("against a branch that is gone is refused with GitHub's reason", async () => {
    const { proposal } = await newProposal({ baseBranch: "no-such-branch" });
    await expect(host.publish(proposal)).rejects.toMatchObject({
      kind: "invalid-request",
      message: expect.stringMatching(
        /GitHub refused to open a draft pull request: ".*base.*" \(422\)/,
      ),
    });
  });

  it("that a person closed is not opened again", async () => {
    const { proposal } = await newProposal();
    const { number } = await host.publish(proposal);
    await github.editIssue(NAME, number, { state: "closed" }, "ada");
    await expect(host.publish(proposal)).rejects.toMatchObject({ code: "pull-request-closed" });
    expect(sent("pulls/create")).toHaveLength(1);
  });
});

describe("every request", () => {
  it("is one that GitHub's description knows, and no secret is in the log", () => {
    expect(github.violations).toEqual([]);
    expect(JSON.stringify(app.log.lines)).not.toMatch(/gh[a-z]_\w{20}|PRIVATE KEY|eyJ/);
  });
});
