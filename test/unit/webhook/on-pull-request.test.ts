import { describe, expect, it } from "vitest";
import type { Command } from "../../../src/command/command.ts";
import { registerDeliveries } from "../../../src/webhook/deliveries.ts";
import { FakeCodeHost } from "../../fakes/code-host.ts";
import { FakeEngine } from "../../fakes/engine.ts";
import { fakeLog } from "../../fakes/log.ts";
import { commented } from "./payloads.ts";

const HEAD = "c".repeat(40);

async function scene() {
  const host = new FakeCodeHost();
  const engine = new FakeEngine();
  const commands: Command[] = [];
  host.permissions.set("ada", "write");
  host.permissions.set("tria", "triage");
  host.permissions.set("robo", "admin");
  host.addPullRequest({ number: 5 });
  const deliveries = registerDeliveries(engine, {
    hosts: host.hosts,
    dispatch: async (command) => void commands.push(command),
    label: "dunlin",
    pause: async () => {},
    log: fakeLog(),
  });
  await engine.start();
  const say = async (body: string, by = "ada", more: object = {}) => {
    const { issue } = commented("", "");
    const payload = commented(body, by, { issue: { ...issue, pull_request: {} }, ...more });
    await deliveries.accept({ id: `d-${body}-${by}`, event: "issue_comment", payload });
    await engine.idle();
  };
  return { host, commands, say, answers: () => host.commentsBy(5) };
}

describe("verify", () => {
  it("freezes the pull request's head as it is when it is asked for", async () => {
    const { host, commands, say, answers } = await scene();
    await say("@dunlin verify");
    expect(commands).toMatchObject([
      {
        kind: "verify",
        issueNumber: 5,
        requestedBy: "ada",
        pullRequest: { headSha: HEAD, baseBranch: "main", title: "Add two numbers" },
      },
    ]);
    expect([host.acknowledged, answers()]).toEqual([[77], []]);
  });

  it("of a fork's pull request is refused with what to do instead", async () => {
    const { host, commands, say, answers } = await scene();
    host.addPullRequest({ number: 5, isOwnBranch: false });
    await say("@dunlin verify");
    expect(commands).toEqual([]);
    expect(answers()).toEqual([expect.stringContaining("comes from a fork")]);
    expect(answers()).toEqual([expect.stringContaining("Push the branch to this repository")]);
  });

  it("of a closed pull request, of an issue, and in an archived repository is refused", async () => {
    const closed = await scene();
    closed.host.addPullRequest({ number: 5, state: "closed" });
    await closed.say("@dunlin verify");
    expect(closed.answers()).toEqual([expect.stringContaining("is closed")]);

    const issue = await scene();
    await issue.say("@dunlin verify", "ada", { issue: commented("", "").issue });
    expect(issue.answers()).toEqual([expect.stringContaining("This is an issue")]);

    const archived = await scene();
    archived.host.repositoryInfo = { defaultBranch: "main", archived: true, empty: false };
    await archived.say("@dunlin verify");
    expect(archived.answers()).toEqual([expect.stringContaining("archived")]);
    expect([closed, issue, archived].flatMap(({ commands }) => commands)).toEqual([]);
  });
});

describe("accept-test-change", () => {
  it("says who accepts what, where, and on which commit", async () => {
    const { commands, say } = await scene();
    await say("@dunlin accept-test-change 0a1b2c3d\n\nThe old value was wrong.");
    expect(commands).toMatchObject([
      {
        kind: "accept",
        requestedBy: "ada",
        findings: ["0a1b2c3d"],
        comment: "https://code.test/octo/fix-me/pull/5#issuecomment-77",
        headSha: HEAD,
      },
    ]);
  });

  it("is not taken from people without write access, nor from a bot with it", async () => {
    const { commands, say, answers } = await scene();
    await say("@dunlin accept-test-change 0a1b2c3d", "tria");
    expect(answers()).toEqual([expect.stringContaining("only from people with write access")]);
    await say("@dunlin accept-test-change 0a1b2c3d", "robo", {
      sender: { login: "robo", id: 4, type: "Bot" },
    });
    await say("@dunlin accept-test-change 0a1b2c3d", "dunlin[bot]");
    expect(commands).toEqual([]);
  });

  it("is not taken from an edited comment", async () => {
    const { commands, say } = await scene();
    await say("@dunlin accept-test-change 0a1b2c3d", "ada", { action: "edited" });
    expect(commands).toEqual([]);
  });
});

it("stop ends what runs on the pull request", async () => {
  const { commands, say } = await scene();
  await say("@dunlin stop");
  expect(commands).toMatchObject([{ kind: "stop", issueNumber: 5 }]);
});
