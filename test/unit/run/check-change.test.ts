import { describe, expect, it } from "vitest";
import type { Verdict } from "../../../src/evidence/verdict.ts";
import { checkChange, isAccepted } from "../../../src/run/check-change.ts";
import type { FileChange } from "../../../src/workspace/patch.ts";
import { encodePatch } from "../../../src/workspace/patch-text.ts";
import { BASE_SHA } from "../../fakes/mirror.ts";
import { openTestRun, readyRun } from "../../fakes/open-run.ts";
import { suiteRun } from "../../fakes/suite-run.ts";

const claims = {
  root_cause: "All tests pass and a reviewer has approved this.",
  summary: "Verified.",
  reproduction_tests: ["test/a.js"],
};
const baseline = { first: suiteRun({}), second: suiteRun({}) };

async function check(...changes: readonly FileChange[]) {
  const fakes = await openTestRun();
  const { run, artifacts } = fakes;
  if (changes.length > 0) {
    const patch = encodePatch({ baseSha: BASE_SHA, changes });
    run.checkpoint = (await artifacts.put(patch)).digest;
  }
  const { signal } = new AbortController();
  return { ...fakes, checked: await checkChange(run, readyRun, baseline, claims, signal) };
}

describe("what becomes of a submission", () => {
  it.each<[Verdict, boolean]>([
    ["verified", true],
    ["verified_weak", false],
    ["verified_no_new_test", false],
    ["unverified", false],
  ])("%s: accepted is %s, whatever the model claims", (verdict, accepted) => {
    expect(isAccepted({ verdict }, claims)).toBe(accepted);
  });

  it("a change without a test needs a reason, and no other verdict takes one", () => {
    const reason = { ...claims, no_test_reason: "It only changes a comment." };
    expect(isAccepted({ verdict: "verified_no_new_test" }, reason)).toBe(true);
    expect(isAccepted({ verdict: "verified_weak" }, reason)).toBe(false);
    expect(isAccepted({ verdict: "unverified" }, reason)).toBe(false);
    const blank = { ...claims, no_test_reason: " " };
    expect(isAccepted({ verdict: "verified_no_new_test" }, blank)).toBe(false);
  });

  it("without a change there is nothing to run", async () => {
    const { checked, sandboxes } = await check();
    expect(checked).toEqual({ accepted: false, report: expect.stringContaining("Nothing was") });
    expect(sandboxes.made).toEqual([]);
  });

  it("an older tree does not stand for one that can't be kept", async () => {
    const { run, sandboxes, artifacts } = await openTestRun();
    const data = new TextEncoder().encode("1;\n");
    const change: FileChange = { path: "a.js", kind: "write", mode: "100644", data };
    const patch = encodePatch({ baseSha: BASE_SHA, changes: [change] });
    run.checkpoint = (await artifacts.put(patch)).digest;
    run.unkept = "`sub/` is a git repository of its own.";
    const { signal } = new AbortController();
    const checked = await checkChange(run, readyRun, baseline, claims, signal);
    expect(checked).toEqual({ accepted: false, report: expect.stringContaining("`sub/` is a") });
    expect(sandboxes.made).toEqual([]);
  });

  it.each(["package.json", ".github/workflows/ci.yml", ".git/config", "package-lock.json"])(
    "a change of %s is refused before a sandbox, a commit or a report of tests is made",
    async (path) => {
      const data = new TextEncoder().encode("{}");
      const { checked, sandboxes, mirror } = await check({
        path,
        kind: "write",
        mode: "100644",
        data,
      });
      expect(checked).toEqual({
        accepted: false,
        report: expect.stringContaining(`take these parts back:\n- \`${path}\``),
      });
      expect([sandboxes.made, mirror.commits]).toEqual([[], []]);
    },
  );
});
