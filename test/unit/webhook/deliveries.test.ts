import { describe, expect, it } from "vitest";
import type { Command } from "../../../src/command/command.ts";
import { Failure } from "../../../src/errors.ts";
import { registerDeliveries } from "../../../src/webhook/deliveries.ts";
import { FakeCodeHost } from "../../fakes/code-host.ts";
import { FakeEngine } from "../../fakes/engine.ts";
import { fakeLog } from "../../fakes/log.ts";
import { commented, labeled } from "./payloads.ts";

async function scene() {
  const host = new FakeCodeHost();
  const engine = new FakeEngine();
  const log = fakeLog();
  const commands: Command[] = [];
  const waits: number[] = [];
  const faults: Error[] = [];
  host.permissions.set("ada", "write");
  host.permissions.set("tria", "triage");
  host.addIssue({ number: 5, labels: ["bug", "dunlin"] });
  const deliveries = registerDeliveries(engine, {
    hosts: host.hosts,
    dispatch: async (command) => {
      const fault = faults.shift();
      if (fault !== undefined) throw fault;
      commands.push(command);
    },
    label: "dunlin",
    pause: async (ms) => void waits.push(ms),
    log,
  });
  await engine.start();
  let count = 0;
  const deliver = async (event: string, payload: unknown, id = `d${++count}`) => {
    await deliveries.accept({ id, event, payload });
    await engine.idle();
  };
  const label = (by = "ada", more = {}) => deliver("issues", labeled(by, more));
  const comment = (body: string, by = "ada", more = {}) =>
    deliver("issue_comment", commented(body, by, more));
  return { host, engine, log, commands, waits, faults, deliver, label, comment, deliveries };
}

describe("a label", () => {
  it("starts a run and is taken off again", async () => {
    const { host, commands, label } = await scene();
    await label();
    expect(commands).toMatchObject([
      {
        kind: "start",
        issueNumber: 5,
        requestedBy: "ada",
        title: "It breaks",
        repository: { id: 7 },
      },
    ]);
    expect(host.issues.get(5)?.labels).toEqual(["bug"]);
    expect(host.written.size).toBe(0);
  });

  it("counts only while it is on: the host's state wins over the event", async () => {
    const { host, commands, label } = await scene();
    host.addIssue({ number: 5, labels: [] });
    await label();
    expect(commands).toEqual([]);
    expect(host.written.size).toBe(0);
  });

  it("starts nothing for an issue edited after the event, and can be put on again", async () => {
    const { host, commands, label } = await scene();
    host.addIssue({ number: 5, labels: ["dunlin"], body: "Something else." });
    await label();
    expect(commands).toEqual([]);
    expect(host.commentsBy(5)).toEqual([
      expect.stringContaining("put the label `dunlin` on again"),
    ]);
    expect(host.issues.get(5)?.labels).toEqual([]);
  });

  it("of another name is not even stored", async () => {
    const { engine, deliver } = await scene();
    await deliver("issues", labeled("ada", { label: { name: "bug" } }));
    expect(engine.stored.size).toBe(0);
  });

  it("put on by somebody without write access starts nothing", async () => {
    const { host, commands, label } = await scene();
    await label("mallory");
    expect(host.written.size).toBe(0);
    await label("tria");
    expect(host.commentsBy(5)).toEqual([
      expect.stringContaining("only from people with write access"),
    ]);
    expect(commands).toEqual([]);
  });
});

describe("a comment", () => {
  it("with an instruction starts a run with it and is acknowledged", async () => {
    const { host, commands, comment } = await scene();
    await comment("@dunlin use a Map");
    expect(commands).toMatchObject([{ kind: "start", instruction: "use a Map" }]);
    expect(host.acknowledged).toEqual([77]);
  });

  it("stops a run, on a closed issue too", async () => {
    const { host, commands, comment } = await scene();
    host.addIssue({ number: 5, state: "closed" });
    await comment("@dunlin stop");
    expect(commands).toMatchObject([{ kind: "stop", issueNumber: 5, requestedBy: "ada" }]);
  });

  it.each([
    ["@dunlin help", /`@dunlin stop` \| ends the run/],
    ["@dunlin merge", /no command `merge`/],
  ])("%s is answered", async (body, answer) => {
    const { host, commands, comment } = await scene();
    await comment(body);
    expect(host.commentsBy(5)).toEqual([expect.stringMatching(answer)]);
    expect(commands).toEqual([]);
  });

  it("on a pull request points to the issue", async () => {
    const { host, commands, comment } = await scene();
    await comment("@dunlin fix", "ada", {
      issue: { ...commented("", "").issue, pull_request: {} },
    });
    expect(host.commentsBy(5)).toEqual([expect.stringContaining("this is a pull request")]);
    expect(commands).toEqual([]);
  });

  it("by people without write access gets one answer a thread, whatever the payload claims", async () => {
    const { host, commands, comment } = await scene();
    const lie = { ...commented("", "mallory").comment, author_association: "OWNER" };
    await comment("@dunlin fix", "mallory", { comment: { ...lie, id: 81, body: "@dunlin fix" } });
    await comment("@dunlin stop", "eve", { comment: { ...lie, id: 82, body: "@dunlin stop" } });
    expect(host.commentsBy(5)).toHaveLength(1);
    expect(commands).toEqual([]);
  });

  it.each([
    ["a bot", { sender: { login: "helper", id: 3, type: "Bot" } }],
    ["an account named like an app", { sender: { login: "x[bot]", id: 3, type: "User" } }],
    ["an edit", { action: "edited" }],
    ["a deletion", { action: "deleted" }],
    ["no mention", { comment: { id: 4, body: "nothing" } }],
    ["a mention in a quote", { comment: { id: 4, body: "> @dunlin fix" } }],
  ])("by or with %s has no effect", async (_, more) => {
    const { host, commands, comment } = await scene();
    await comment("@dunlin fix", "ada", more);
    expect(commands).toEqual([]);
    expect(host.calls.filter(({ name }) => name !== "repository")).toEqual([]);
  });
});

describe("a delivery", () => {
  it("sent again under its id is one", async () => {
    const { commands, deliver } = await scene();
    await deliver("issue_comment", commented("@dunlin fix", "ada"), "same");
    await deliver("issue_comment", commented("@dunlin fix", "ada"), "same");
    expect(commands).toHaveLength(1);
  });

  it("replayed under another id has the same meaning, a second comment another", async () => {
    const { commands, comment } = await scene();
    await comment("@dunlin fix");
    await comment("@dunlin fix");
    await comment("@dunlin fix", "ada", { comment: { id: 78, body: "@dunlin fix" } });
    const keys = commands.map(({ meaningKey }) => meaningKey);
    expect(keys[1]).toBe(keys[0]);
    expect(keys[2]).not.toBe(keys[0]);
  });

  it("that can't be stored is not accepted", async () => {
    const { engine, deliveries } = await scene();
    engine.failToStore(new Error("disk full"));
    const delivery = { id: "d", event: "issues", payload: labeled("ada") };
    await expect(deliveries.accept(delivery)).rejects.toThrow("disk full");
  });

  it("survives a crash after its effect without a second one of another meaning", async () => {
    const { host, engine, commands, label } = await scene();
    engine.crashAfter("follow 0");
    await label();
    expect(host.issues.get(5)?.labels).toContain("dunlin");
    await engine.restart();
    await engine.idle();
    expect(new Set(commands.map(({ meaningKey }) => meaningKey)).size).toBe(1);
    expect(host.issues.get(5)?.labels).toEqual(["bug"]);
  });

  it("waits for a code host that is away, longer each time, and goes on", async () => {
    const { host, commands, waits, comment } = await scene();
    host.failNext("permission");
    host.failNext("issue");
    await comment("@dunlin fix");
    expect(commands).toHaveLength(1);
    expect(waits).toEqual([5_000, 30_000]);
  });

  it("that fails is answered with what to do, and dispatched again by nobody", async () => {
    const { host, faults, comment } = await scene();
    faults.push(new Failure("limit-reached", "queue-full", "The queue is full. Ask again later."));
    await comment("@dunlin fix");
    expect(host.commentsBy(5)).toEqual([
      expect.stringContaining("The queue is full. Ask again later."),
    ]);
    expect(host.acknowledged).toEqual([]);
  });

  it("that fails for a bug shows no internals but a reference", async () => {
    const { host, log, faults, deliver } = await scene();
    faults.push(new TypeError("undefined is not a function"));
    await deliver("issue_comment", commented("@dunlin fix", "ada"), "guid-1");
    expect(host.commentsBy(5)).toEqual([expect.stringContaining("`gh:guid-1`")]);
    expect(host.commentsBy(5).join()).not.toContain("undefined");
    expect(log.lines).toContainEqual(
      expect.objectContaining({ level: "error", message: "delivery failed" }),
    );
  });

  it("is no one's business when even the comment is refused", async () => {
    const { host, log, comment } = await scene();
    host.failNext("permission", new Failure("not-permitted", "not-installed", "Install it."));
    host.failNext("writeComment", new Failure("not-permitted", "not-installed", "Install it."));
    await comment("@dunlin fix");
    expect(log.lines.map(({ message }) => message)).toContain("failure not told");
  });
});
