import { describe, expect, it } from "vitest";
import type { Permission } from "../../../src/code-host/code-host.ts";
import { publish } from "../../../src/run/publish.ts";
import type { Work } from "../../../src/run/resolve-issue.ts";
import { evidenceOf } from "../../fakes/evidence.ts";
import { BASE_SHA, HEAD_SHA } from "../../fakes/mirror.ts";
import { openTestRun, readyRun } from "../../fakes/open-run.ts";

const CANARY = "Zk3-canary_9fQ7+mN2/xY8pL0";
// Made here, so that no file of this repository holds something that looks like one.
const TOKEN = `ghs_${"16C7e42F292c6912E7710c838347Ae178B4a"}`;
const plan = { baseBranch: "main", settings: { image: "node" } };

async function scene(said: Partial<Work["submission"]> = {}) {
  const fakes = await openTestRun();
  const { artifacts, run } = fakes;
  const evidence = { ...evidenceOf(), baseSha: BASE_SHA, headSha: HEAD_SHA };
  const { digest } = await artifacts.put(Buffer.from(JSON.stringify(evidence)));
  const submission = { root_cause: "r", summary: "s", reproduction_tests: [], ...said };
  return {
    ...fakes,
    publish: () => publish(run, plan, readyRun, { submission, evidence: digest }),
  };
}

const calls = ({ host }: Awaited<ReturnType<typeof scene>>, name: string) =>
  host.calls.filter((call) => call.name === name);

describe("publishing", () => {
  it("makes one draft, one check run and one last word, and stores how the run ended", async () => {
    const here = await scene();
    await here.publish();
    const { host, mirror, store } = here;
    expect(mirror.pushed).toEqual([
      {
        remote: { url: host.remoteUrl },
        sha: HEAD_SHA,
        branch: expect.stringMatching(/^dunlin\/5-/),
      },
    ]);
    expect([...host.pullRequests.values()]).toMatchObject([{ draft: true, headSha: HEAD_SHA }]);
    expect([...host.checkRuns.values()]).toMatchObject([
      { headSha: HEAD_SHA, status: "completed", conclusion: "success" },
    ]);
    expect(host.commentsBy(5).at(-1)).toMatch(/^✅ \*\*Verified[\s\S]*pull\/100/);
    expect(store.runs.get("run-7f3a")).toMatchObject({ state: "proposed", outcome: "verified" });
  });

  it.each<Permission>(["read", "triage", "none"])(
    "asks for the permission again right before, and stops at %s",
    async (permission) => {
      const here = await scene();
      here.host.permissions.set("ada", permission);
      await expect(here.publish()).rejects.toMatchObject({
        kind: "not-permitted",
        code: "permission-revoked",
      });
      expect(here.mirror.pushed).toEqual([]);
      expect(calls(here, "publish")).toEqual([]);
    },
  );

  it.each([
    ["a token in the change", (mirror: { difference: string }) => (mirror.difference += TOKEN)],
    [
      "a secret of its own in the change",
      (mirror: { difference: string }) => (mirror.difference += CANARY),
    ],
    [
      "a secret of its own in the change, in base64",
      (mirror: { difference: string }) => (mirror.difference += btoa(CANARY)),
    ],
  ])("stops before anything leaves: %s", async (_, spoil) => {
    const here = await scene();
    spoil(here.mirror);
    await expect(here.publish()).rejects.toMatchObject({
      kind: "not-permitted",
      code: "credential-like",
    });
    expect(here.mirror.pushed).toEqual([]);
    expect(calls(here, "publish")).toEqual([]);
  });

  it("takes what the model repeats of a secret out of its words", async () => {
    const here = await scene({ summary: `The key is ${CANARY}.` });
    await here.publish();
    const [proposal] = calls(here, "publish").flatMap(({ args }) => args);
    expect(JSON.stringify(proposal)).not.toContain(CANARY.slice(4, 12));
    expect(JSON.stringify(proposal)).toContain("[redacted]");
  });

  it("names the failure without the value", async () => {
    const here = await scene();
    here.mirror.difference += TOKEN;
    const failed = await here.publish().catch(String);
    expect(failed).toContain("GitHub token");
    expect(failed).not.toContain(TOKEN);
  });

  it("waits for a code host that is away, and proposes once", async () => {
    const here = await scene();
    here.host.failNext("publish");
    await here.publish();
    expect(here.pauses).toEqual([5_000]);
    expect(here.host.pullRequests.size).toBe(1);
  });
});
