import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunSummary } from "../../src/run/summary.ts";
import { isPull } from "../github/world/world.ts";
import { endOfRun, REPOSITORY, type Stage, setStage } from "./stage.ts";
import { TOY_SCRIPT } from "./toy-repository.ts";

describe("a labelled issue", () => {
  let stage: Stage;
  let summary: RunSummary;
  let issue: number;

  beforeAll(async () => {
    stage = await setStage({ script: TOY_SCRIPT });
    const dunlin = await stage.start();
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

  it("asked the model once a turn and never broke GitHub's rules", () => {
    expect(stage.model.requests).toHaveLength(TOY_SCRIPT.length);
    expect(stage.github.violations).toEqual([]);
  });
});
