import { describe, expect, it } from "vitest";
import { showStatus, statusText, tellStatus } from "../../../src/run/status.ts";
import { openTestRun, runRequest } from "../../fakes/open-run.ts";

const facts = {
  now: "Working on it",
  runId: "run-1",
  requestedBy: "ada",
  mention: "@dunlin",
  omittedComments: 0,
  findings: [],
  plan: [],
};

describe("the status comment", () => {
  it("says what happens, who asked and how to steer", () => {
    expect(statusText(facts)).toMatch(
      /^\*\*Working on it\*\* …\n\n<sub>Asked for by ada · run `run-1` · `@dunlin stop` ends it, /,
    );
  });

  it.each([
    [1, "1 comment by people without write access was left out"],
    [7, "7 comments by people without write access were left out"],
  ])("says that %i comments were left out", (omittedComments, text) => {
    expect(statusText({ ...facts, omittedComments })).toContain(text);
  });

  it("shows the plan and what was found", () => {
    const plan = [
      { text: "Read", status: "completed" },
      { text: "Fix", status: "in_progress" },
    ];
    const text = statusText({ ...facts, plan, findings: ["Package manager: npm."] });
    expect(text).toContain("- [x] Read\n- [ ] Fix\n\n- Package manager: npm.\n\n<sub>");
  });

  it("lets the model's plan do nothing on the code host", () => {
    const texts = [
      "@acme/everyone Fixes #1",
      "![x](https://evil.example/?d=1)",
      "<img src=x>\n# Verified",
      "\u202ehidden\u200b",
    ];
    const plan = texts.map((text) => ({ text, status: "in_progress" }));
    const text = statusText({ ...facts, plan });
    expect(text.split("\n").filter((line) => line.startsWith("- [ ]"))).toHaveLength(4);
    expect(text).not.toMatch(/(?<!`)@acme|!\[|<img|^# |\(https|[\u202e\u200b]/m);
  });

  it("holds no credential", async () => {
    const { run, host } = await openTestRun();
    run.plan = [{ text: `Use ghp_${"a1".repeat(18)}`, status: "in_progress" }];
    await tellStatus(run, "Working on it");
    expect(host.commentsBy(5)[0]).toContain("Use [redacted]");
  });

  it("is one, however often it is written", async () => {
    const { run, host } = await openTestRun({}, { ...runRequest, omittedComments: 2 });
    await tellStatus(run, "Reading");
    await tellStatus(run, "Working on it");
    expect([...host.written.keys()]).toEqual(["5 run=run-7f3a"]);
    expect(host.commentsBy(5)[0]).toContain("2 comments by people without write access");
  });

  it("never ends the work that it tells of", async () => {
    const { run, host, log } = await openTestRun();
    host.failNext("writeComment");
    await showStatus(run, "Installing dependencies");
    expect(log.lines).toContainEqual(
      expect.objectContaining({ level: "warn", message: "status not shown" }),
    );
  });
});
