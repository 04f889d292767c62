import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { RunSummary } from "../../src/run/summary.ts";
import { isPull } from "../github/world/world.ts";
import { freePort } from "./free-port.ts";
import { machineEnv, startCommand } from "./local-stage.ts";
import { endOfRun, MAINTAINER, REPOSITORY, type Stage, setStage } from "./stage.ts";
import { TOY_SCRIPT } from "./toy-repository.ts";

describe("a labelled issue", () => {
  let stage: Stage;
  let summary: RunSummary;
  let issue: number;
  let url: string;

  beforeAll(async () => {
    stage = await setStage({ script: TOY_SCRIPT });
    const port = String(await freePort());
    url = `http://127.0.0.1:${port}`;
    const dunlin = await stage.start({ PORT: port, DUNLIN_PUBLIC_URL: url });
    issue = await stage.ask();
    summary = await endOfRun(dunlin);
    await stage.github.settled();
  });
  afterAll(async () => stage?.[Symbol.asyncDispose]());

  it("becomes one verified draft pull request on a branch of its own", () => {
    expect(summary).toMatchObject({
      run: { state: "proposed", outcome: "verified" },
      evidence: {
        verdict: "verified",
        failToPass: ["test/add.test.js > adds two numbers"],
        passToPass: 1,
        passToFail: 0,
      },
      sandbox: { provider: "docker", networkMode: "none" },
    });
    const repository = stage.github.repository(REPOSITORY);
    const pulls = [...repository.issues.values()].filter(isPull);
    expect(pulls).toHaveLength(1);
    expect(pulls[0]?.pull).toMatchObject({ draft: true });
    expect(stage.github.pushes).toHaveLength(1);
    expect(pulls[0]?.body?.split("\n")[0]).toContain("Verified");
  });

  it("has one status comment that leads to it, and no label any more", () => {
    const repository = stage.github.repository(REPOSITORY);
    const comments = [...repository.comments.values()];
    expect(comments).toHaveLength(1);
    expect(comments[0]?.body).toContain(summary.pullRequest?.url);
    expect(repository.issues.get(issue)?.labels).toEqual([]);
  });

  it("has a check run on the head with the same verdict", () => {
    const repository = stage.github.repository(REPOSITORY);
    const runs = [...repository.checkRuns.values()];
    expect(runs).toHaveLength(1);
    expect(runs[0]).toMatchObject({
      headSha: summary.pullRequest?.headSha,
      conclusion: "success",
    });
  });

  it("can be confirmed by who has only the key, the pull request and the repository", async () => {
    const number = summary.pullRequest?.number;
    const repository = stage.github.repository(REPOSITORY).folder;
    const elsewhere = await mkdtemp(join(tmpdir(), "dunlin-elsewhere-"));
    onTestFinished(() => rm(elsewhere, { recursive: true, force: true }));
    const key = join(elsewhere, "key.json");
    const answer = await fetch(`${url}/.well-known/dunlin-keys.json`);
    await writeFile(key, await answer.text());
    const rerun = ["--rerun", "--repository", repository, "--json"];
    const { code, stdout, stderr } = await startCommand(
      ["verify", `${REPOSITORY}#${number}`, "--key", key, ...rerun],
      {
        ...machineEnv(),
        GITHUB_API_URL: stage.github.url,
        GITHUB_TOKEN: stage.github.personToken(MAINTAINER),
        DUNLIN_DATA_DIR: join(elsewhere, "data"),
      },
    ).ended;
    expect(`${code} ${stderr}`).toMatch(/^0 /);
    const { result, evidence, points } = JSON.parse(stdout);
    expect({ result, verdict: evidence.verdict }).toEqual({
      result: "confirmed",
      verdict: "verified",
    });
    const held = points.map(({ about }: { about: string }) => about);
    expect(held).toEqual(
      expect.arrayContaining([
        "signature",
        "digests",
        "pull request",
        "head commit",
        "verdict, again",
        "fail-to-pass tests, again",
        "gates, again",
      ]),
    );
  });

  it("asked the model once a turn and never broke GitHub's rules", () => {
    expect(stage.model.requests).toHaveLength(TOY_SCRIPT.length);
    expect(stage.github.violations).toEqual([]);
  });
});
