import { describe, expect, it } from "vitest";
import { Failure, type FailureKind } from "../../../src/errors.ts";
import { explain, failureText } from "../../../src/run/explain.ts";
import { encodePatch } from "../../../src/workspace/patch-text.ts";
import { BASE_SHA } from "../../fakes/mirror.ts";
import { openTestRun } from "../../fakes/open-run.ts";

const CANARY = "Zk3-canary_9fQ7+mN2/xY8pL0";
const facts = {
  problem: { kind: "limit-reached", code: "turns", phase: "turns", message: "80 turns are over." },
  patch: undefined,
  runId: "run-1",
  mention: "@dunlin",
} as const;

describe("the last word of a run without a pull request", () => {
  it.each<FailureKind>([
    "invalid-request",
    "not-permitted",
    "limit-reached",
    "cancelled",
    "unavailable",
    "bug",
  ])("says of %s what happened, when, what was kept and what to do next", (kind) => {
    const text = failureText({ ...facts, problem: { ...facts.problem, kind } });
    expect(text).toMatch(/^\*\*.+\.\*\* It ended while the model worked\./);
    expect(text).toContain("80 turns are over.");
    expect(text).toContain("Nothing was changed.");
    expect(text).toMatch(/\*\*Next:\*\* .*put the label on again or comment `@dunlin fix`/);
    expect(text).toContain(`run \`run-1\` · \`${kind}/turns\``);
  });

  it("shows a kept patch in a block that the patch can't close", () => {
    const patch = "+```\n+</details>\n+@everyone";
    const text = failureText({ ...facts, patch });
    expect(text).toContain("The change so far is kept:");
    expect(text).toContain(`\n\`\`\`\`diff\n${patch}\n\`\`\`\`\n`);
  });

  it("cuts a long patch and says so", () => {
    const text = failureText({ ...facts, patch: "+x\n".repeat(50_000) });
    expect(text.length).toBeLessThan(45_000);
    expect(text).toContain("(cut; the operator has the whole)");
  });

  it("makes what others wrote harmless", () => {
    const message = "Ask @everyone <img src=x> <!-- hidden -->";
    const text = failureText({ ...facts, problem: { ...facts.problem, message } });
    expect(text).not.toMatch(/(^|[^`\\])@everyone|<img|<!--/);
  });
});

describe("explaining", () => {
  it("ends the run, loudly, although nobody can be told", async () => {
    const { run, host, store, log } = await openTestRun();
    host.failNext("writeComment", new Failure("not-permitted", "github-refused", "Not yours."));
    await explain(run, new Failure("limit-reached", "time", "The time is used up."));
    expect(store.runs.get("run-7f3a")).toMatchObject({ state: "failed" });
    expect(log.lines).toContainEqual(
      expect.objectContaining({
        level: "error",
        message: "the end of the run could not be told",
      }),
    );
  });

  it("edits the one status comment and stores how the run ended", async () => {
    const { run, host, store } = await openTestRun();
    await explain(run, new Failure("limit-reached", "time", "The time is used up."));
    expect([...host.written.keys()]).toEqual(["5 run=run-7f3a"]);
    expect(host.commentsBy(5)[0]).toContain("The time is used up.");
    expect(store.runs.get("run-7f3a")).toMatchObject({
      state: "failed",
      outcome: "limit-reached/time",
    });
  });

  it("calls a stopped run cancelled", async () => {
    const { run, store } = await openTestRun();
    await explain(run, new Failure("cancelled", "by-person", "ada asked to stop."));
    expect(store.runs.get("run-7f3a")?.state).toBe("cancelled");
  });

  it("keeps a fault's text to the log: it may hold anything", async () => {
    const { run, host } = await openTestRun();
    await explain(run, new Failure("bug", "unexpected", `undefined has no x ${CANARY}`));
    expect(host.commentsBy(5)[0]).toContain("Dunlin itself went wrong");
    expect(host.commentsBy(5)[0]).not.toContain("undefined has no x");
  });

  it("shows the change so far without secrets", async () => {
    const { run, host, artifacts, mirror } = await openTestRun();
    const data = new TextEncoder().encode("1;\n");
    const changes = [{ path: "a.js", kind: "write", mode: "100644", data }] as const;
    run.checkpoint = (await artifacts.put(encodePatch({ baseSha: BASE_SHA, changes }))).digest;
    mirror.difference = `+const key = "${CANARY}";\n`;
    await explain(run, new Failure("cancelled", "by-person", "ada asked to stop."));
    expect(host.commentsBy(5)[0]).toContain('+const key = "[redacted]');
    const kept = [...artifacts.known.values()].map((bytes) => Buffer.from(bytes).toString());
    expect([...kept, host.commentsBy(5)].join()).not.toContain(CANARY.slice(4, 12));
  });

  it("shows no part of a change that may not be published", async () => {
    const { run, host, artifacts, mirror } = await openTestRun();
    const data = new TextEncoder().encode("on: push\n");
    const path = ".github/workflows/x.yml";
    const changes = [{ path, kind: "write", mode: "100644", data }] as const;
    run.checkpoint = (await artifacts.put(encodePatch({ baseSha: BASE_SHA, changes }))).digest;
    await explain(run, new Failure("limit-reached", "turns", "80 turns are over."));
    expect(host.commentsBy(5)[0]).toContain("Nothing was changed.");
    expect(mirror.commits).toEqual([]);
  });
});
