import { describe, expect, it } from "vitest";
import { endingText, exitCodeOf } from "../../../src/local/ending.ts";
import type { Problem, RunSummary } from "../../../src/run/summary.ts";

const summary: RunSummary = {
  run: {
    id: "local-1",
    state: "failed",
    outcome: "x",
    turns: 1,
    costUsd: 0.126,
    durationMs: 12_400,
    phasesMs: {},
  },
  model: { name: "m", host: "h" },
};

describe("the exit code", () => {
  it.each([
    ["verified", 0],
    ["verified_weak", 3],
    ["verified_no_new_test", 3],
    ["unverified", 3],
    ["invalid-request/gave-up", 4],
    ["invalid-request/patch-refused", 4],
    ["limit-reached/stuck", 4],
    ["limit-reached/run-cost", 5],
    ["limit-reached/time", 5],
    ["invalid-request/no-tests", 1],
    ["unavailable/engine-down", 1],
    ["bug/unexpected", 1],
  ])("of %s is %i", (outcome, code) => {
    expect(exitCodeOf(outcome)).toBe(code);
  });
});

describe("the end at the terminal", () => {
  const problem: Problem = {
    kind: "invalid-request",
    code: "install-failed",
    phase: "setUp",
    message: "It failed.\n\n```text\nnpm \u001b[31merror\n```",
  };
  const diff = new TextEncoder().encode(
    'diff --git a/x.js b/x.js\n--- a/x.js\n+++ b/x.js\n+diff --git a/no b/no\ndiff --git "a/\\303\\244 b.js" "b/\\303\\244 b.js"\n',
  );

  it("says what happened, what it took and what to do, and drives no terminal", () => {
    const text = endingText({ summary: { ...summary, problem } }, []);
    expect(text).toBe(
      [
        "",
        "❌ Dunlin can't do this as it stands. It ended while setting up the sandbox and the dependencies.",
        "",
        "It failed.",
        "",
        "npm �[31merror",
        "",
        "  Changed  nothing",
        "  Used     12 s, 1 turn, $0.13",
        "  Run      local-1",
        "",
        "Next: mend that, then run the same command again.",
        "",
      ].join("\n"),
    );
  });

  it("names the files of the change and where it went", () => {
    const text = endingText({ summary, diff }, ["The change is in x.patch."]);
    expect(text).toContain("  Changed  x.js, \\303\\244 b.js\n");
    expect(text).toContain("\n\nThe change is in x.patch.\n");
  });

  it.each([
    [{ ...problem, code: "gave-up" }, "put the answer into the task, then run it again."],
    [{ ...problem, kind: "limit-reached" as const }, "the settings allow more."],
    [{ ...problem, kind: "bug" as const, message: "" }, "report what was logged above"],
  ])("gives the next step of %j", (one, next) => {
    expect(endingText({ summary: { ...summary, problem: one } }, [])).toContain(next);
  });
});
