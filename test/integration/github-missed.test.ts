import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startGitHub } from "../github/github.ts";
import type { GitHubStandIn } from "../github/stand-in.ts";
import { startApp } from "./github-app.ts";

const NAME = "octo/missed";
let github: GitHubStandIn;
let app: Awaited<ReturnType<typeof startApp>>;

beforeAll(async () => {
  github = await startGitHub({ checkResponses: true });
  await github.seedRepository(NAME, { "a.txt": "a\n" });
});
afterEach(() => app.close());
afterAll(() => github.close());

async function openIssues(...titles: readonly string[]): Promise<void> {
  for (const title of titles) await github.openIssue(NAME, { title, author: "outsider" });
  await github.settled();
}

async function ask(): Promise<number> {
  const asked = await app.app.askForMissed();
  await github.settled();
  return asked;
}

const titles = () =>
  app.accepted.map(({ payload }) => (payload as { issue: { title: string } }).issue.title);

describe("deliveries that nobody took", () => {
  it("come again once, oldest first; the others do not", async () => {
    app = await startApp(github);
    await openIssues("taken");
    const url = app.webhookUrl;
    github.deliverTo(undefined);
    await openIssues("first", "second");
    await github.push(NAME, { branch: "main", files: { "b.txt": "b\n" }, message: "b" }, "ada");
    await github.settled();
    github.deliverTo(url);
    expect(await ask()).toBe(2);
    expect(titles()).toEqual(["taken", "first", "second"]);
    expect(await ask()).toBe(0);
    expect(github.violations).toEqual([]);
  });

  it("that could not be stored are among them", async () => {
    let full = true;
    app = await startApp(github, {
      accept: async () => {
        if (full) throw new Error("disk full");
      },
    });
    await openIssues("refused");
    full = false;
    expect(await ask()).toBe(1);
    expect(github.deliveries.at(-1)).toMatchObject({ redelivery: true, outcome: { status: 200 } });
  });

  it("wait for the next start when GitHub can't be asked", async () => {
    app = await startApp(github);
    github.fail({ path: /hook\/deliveries/, status: 502 });
    expect(await ask()).toBe(0);
    expect(app.log.lines).toContainEqual(
      expect.objectContaining({ level: "warn", message: "missed deliveries not asked for" }),
    );
  });
});
