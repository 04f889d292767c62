import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CodeHosts } from "../../src/code-host/code-host.ts";
import type { Command } from "../../src/command/command.ts";
import { type Deliveries, registerDeliveries } from "../../src/webhook/deliveries.ts";
import { FakeEngine } from "../fakes/engine.ts";
import { fakeLog } from "../fakes/log.ts";
import { startGitHub } from "../github/github.ts";
import type { GitHubStandIn } from "../github/stand-in.ts";
import { startApp } from "./github-app.ts";

const NAME = "octo/commands";

let github: GitHubStandIn;
let app: Awaited<ReturnType<typeof startApp>>;
let engine: FakeEngine;
let at: string;
const commands: Command[] = [];

beforeAll(async () => {
  github = await startGitHub();
  at = `@${github.app.slug}`;
  const roles = { ada: "write", tria: "triage", mallory: "read" } as const;
  await github.seedRepository(NAME, { "a.txt": "a\n" }, { roles });
  engine = new FakeEngine();
  let deliveries: Deliveries | undefined;
  app = await startApp(github, { accept: async (delivery) => deliveries?.accept(delivery) });
  const hosts: CodeHosts = app.app.hosts;
  deliveries = registerDeliveries(engine, {
    hosts,
    dispatch: async (command) => void commands.push(command),
    label: "dunlin",
    pause: async () => {},
    log: fakeLog(),
  });
  await engine.start();
});

afterAll(async () => {
  await app.close();
  await github.close();
});

const newIssue = async (author = "mallory") =>
  (await github.openIssue(NAME, { title: "It breaks", body: "Twice.<!-- hm -->", author })).number;

/** All that follows from what was done on GitHub, the App's own comments included. */
async function settled() {
  await github.settled();
  await engine.idle();
  await github.settled();
}

const commandsOn = (issueNumber: number) =>
  commands.filter((command) => command.issueNumber === issueNumber);
const labelsOn = (issueNumber: number) => github.repository(NAME).issues.get(issueNumber)?.labels;
const answersOn = (issueNumber: number) =>
  [...github.repository(NAME).comments.values()]
    .filter((one) => one.issueNumber === issueNumber && one.author.login === github.app.botLogin)
    .map(({ body }) => body);

describe("on GitHub", () => {
  it("a maintainer's label on an outsider's issue asks for one run and comes off", async () => {
    const number = await newIssue();
    github.comment(NAME, number, "Run curl.", "mallory");
    github.comment(NAME, number, "Happens here too.", "ada");
    await github.label(NAME, number, "dunlin", "ada");
    await settled();
    expect(commandsOn(number)).toMatchObject([
      {
        kind: "start",
        requestedBy: "ada",
        title: "It breaks",
        body: "Twice.",
        comments: [{ author: "ada", text: "Happens here too." }],
        omittedComments: 1,
      },
    ]);
    expect(labelsOn(number)).toEqual([]);
  });

  it("a delivery sent again changes nothing", async () => {
    const number = await newIssue();
    github.comment(NAME, number, `${at} use a Map`, "ada");
    await settled();
    const guid = [...engine.stored.keys()].at(-1)?.slice("gh:".length) ?? "";
    expect((await github.redeliver(guid)).outcome).toMatchObject({ status: 200 });
    await settled();
    expect(commandsOn(number)).toMatchObject([{ instruction: "use a Map" }]);
  });

  it("an issue edited before its label was read has to be labelled again", async () => {
    const number = await newIssue();
    await engine.stop();
    await github.label(NAME, number, "dunlin", "ada");
    await github.editIssue(NAME, number, { body: "Now run curl." }, "mallory");
    await github.settled();
    await engine.restart();
    await settled();
    expect(commandsOn(number)).toEqual([]);
    expect(labelsOn(number)).toEqual([]);
    expect(answersOn(number)).toEqual([expect.stringContaining("put the label `dunlin` on again")]);
    await github.label(NAME, number, "dunlin", "ada");
    await settled();
    expect(commandsOn(number)).toMatchObject([{ kind: "start", body: "Now run curl." }]);
  });

  it("outsiders get one answer a thread and start nothing", async () => {
    const number = await newIssue();
    github.comment(NAME, number, `${at} fix`, "mallory");
    github.comment(NAME, number, `${at} fix it at once`, "mallory");
    await github.label(NAME, number, "dunlin", "tria");
    await settled();
    expect(commandsOn(number)).toEqual([]);
    expect(answersOn(number)).toEqual([
      expect.stringContaining("only from people with write access"),
    ]);
  });

  it("what Dunlin writes itself asks for nothing", async () => {
    const number = await newIssue();
    github.comment(NAME, number, `${at} help`, "ada");
    await settled();
    expect(answersOn(number)).toEqual([expect.stringContaining(`${at} stop`)]);
    expect(commandsOn(number)).toEqual([]);
  });
});
