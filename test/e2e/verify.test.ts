import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunSummary } from "../../src/run/summary.ts";
import type { CheckRun } from "../github/world/world.ts";
import { type Lives, repeatedSteps, startLives } from "./lives.ts";
import { MAINTAINER, OUTSIDER, REPOSITORY, type Stage, setStage } from "./stage.ts";
import { TOY_FILES, TOY_TEST } from "./toy-repository.ts";

const FAST = { DUNLIN_RUNTIME: "runc", DUNLIN_WEAK_SANDBOX: "1" };
const FIXED = { "sum.js": (TOY_FILES["sum.js"] ?? "").replace("a - b", "a + b") };
const TRIPLED = {
  "sum.js": (TOY_FILES["sum.js"] ?? "").replace("a * 2", "a * 3"),
  "test/double.test.js": (TOY_FILES["test/double.test.js"] ?? "").replace("8", "12"),
};
type Files = Readonly<Record<string, string>>;

describe("people's own pull requests", () => {
  let stage: Stage;
  let lives: Lives;

  beforeAll(async () => {
    stage = await setStage({ script: [] });
    lives = await startLives(stage, FAST);
  });
  afterAll(async () => stage?.[Symbol.asyncDispose]());

  async function open(branch: string, files: Files, fromFork = false) {
    const { github } = stage;
    await github.push(REPOSITORY, { branch, message: branch, files }, MAINTAINER);
    const by = fromFork ? OUTSIDER : MAINTAINER;
    const pull = { title: branch, head: branch, base: "main", fromFork };
    return (await github.openPull(REPOSITORY, pull, by)).number;
  }
  const say = (number: number, words: string) =>
    stage.github.comment(REPOSITORY, number, `@dunlin ${words}`, MAINTAINER);
  const told = (number: number) =>
    [...stage.github.repository(REPOSITORY).comments.values()]
      .filter((one) => one.issueNumber === number && one.author.login.endsWith("[bot]"))
      .map(({ body }) => body);
  const checksOf = (number: number): readonly CheckRun[] => {
    const { issues, checkRuns } = stage.github.repository(REPOSITORY);
    const headSha = issues.get(number)?.pull?.headSha;
    return [...checkRuns.values()].filter((one) => one.headSha === headSha);
  };

  async function verify(number: number, meanwhile = async () => {}): Promise<RunSummary> {
    const known = new Set(lives.lines.filter(isEnd).map((line) => line["run"]));
    say(number, "verify");
    await meanwhile();
    const end = await lives.dunlin.line((line) => isEnd(line) && !known.has(line["run"]));
    return end["summary"] as RunSummary;
  }

  it("are proven by a test that fails without the change; a kill -9 meanwhile leaves one check run", async () => {
    const number = await open("fix-add", { ...FIXED, "test/add.test.js": TOY_TEST });
    const summary = await verify(number, async () => {
      await lives.dunlin.line((line) => line["step"] === "verify-1" && line["state"] === "started");
      await lives.killAndRestart();
    });
    expect(summary.run).toMatchObject({ state: "reported", outcome: "verified", costUsd: 0 });
    expect(checksOf(number)).toMatchObject([{ name: "Dunlin evidence", conclusion: "success" }]);
    expect(told(number)).toEqual([
      expect.stringMatching(/✅ \*\*Verified[\s\S]*asked for by mara/),
    ]);
    expect(repeatedSteps(lives.lines)).toEqual([]);
    const pushers = stage.github.pushes.map((push) => push.by);
    expect([pushers, stage.model.requests]).toEqual([[MAINTAINER], []]);
  });

  it("without a test are neutral, and a head that moved meanwhile is said to be another matter", async () => {
    const number = await open("untested", FIXED);
    const proven = stage.github.repository(REPOSITORY).issues.get(number)?.pull?.headSha ?? "";
    await verify(number, async () => {
      await lives.dunlin.line((line) => line["what"] === "verify");
      const files = { "README.md": "# more\n" };
      await stage.github.push(
        REPOSITORY,
        { branch: "untested", message: "more", files },
        MAINTAINER,
      );
    });
    const checks = [...stage.github.repository(REPOSITORY).checkRuns.values()];
    expect(checks.find(({ headSha }) => headSha === proven)).toMatchObject({
      conclusion: "neutral",
    });
    expect(checksOf(number)).toEqual([]);
    expect(told(number)).toEqual([expect.stringContaining("has moved on to")]);
  });

  it("of a fork are refused", async () => {
    const number = await open("from-outside", { "README.md": "# mine\n" }, true);
    say(number, "verify");
    await stage.github.waitForRequest(
      ({ path, status }) => path.endsWith(`/issues/${number}/comments`) && status === 201,
    );
    expect(told(number)).toEqual([expect.stringContaining("comes from a fork")]);
    expect(checksOf(number)).toEqual([]);
  });

  it("with a rewritten assertion need a person's word, which is recorded", async () => {
    const number = await open("triple", TRIPLED);
    expect((await verify(number)).run.outcome).toBe("unverified");
    const [name = ""] =
      /`([0-9a-f]{8,})` `assertions-kept`/.exec(told(number)[0] ?? "")?.slice(1) ?? [];
    const edits = () =>
      stage.github.requests.filter(
        ({ method, path, status }) =>
          method === "PATCH" && path.includes("/comments/") && status !== undefined,
      );
    const before = edits().length;
    say(number, "accept-test-change 00000000");
    say(number, `accept-test-change ${name}`);
    await stage.github.waitForRequest(() => edits().length > before && told(number).length === 2);
    expect(told(number)).toEqual([
      expect.stringMatching(/✅ \*\*Verified[\s\S]*People accepted 1 finding/),
      expect.stringContaining("There is no finding `00000000` on this commit"),
    ]);
    expect(checksOf(number)).toMatchObject([{ conclusion: "success" }]);
    expect(JSON.stringify(checksOf(number))).toContain(`accepted by \`${MAINTAINER}\``);
    expect(stage.github.violations).toEqual([]);
  });
});

function isEnd(line: { readonly msg: string }): boolean {
  return line.msg === "run ended";
}
