import { describe, expect, it } from "vitest";
import type { AcceptCommand } from "../../../src/command/command.ts";
import { measuredText } from "../../../src/evidence/basis.ts";
import type { Gate } from "../../../src/evidence/gate.ts";
import { judge } from "../../../src/evidence/verdict.ts";
import { acceptTestChange } from "../../../src/run/accept-test-change.ts";
import { loadEvidence, storeEvidence } from "../../../src/run/evidence-file.ts";
import { evidenceOf, runsOfGoodFix } from "../../fakes/evidence.ts";
import { BASE_SHA, HEAD_SHA } from "../../fakes/mirror.ts";
import { openTestRun } from "../../fakes/open-run.ts";

const gate: Gate = {
  id: "assertions-kept",
  result: "block",
  detail: "An assertion reads differently.",
  path: "test/proto.js",
  line: 3,
  finding: null,
};

/** A proposed change that one finding blocks. */
async function scene() {
  const fakes = await openTestRun();
  const { run, host, artifacts, store } = fakes;
  const { ports } = run;
  const touched = { paths: ["test/proto.js"], existing: ["test/proto.js"] };
  const plain = { ...evidenceOf(), baseSha: BASE_SHA, headSha: HEAD_SHA, gates: [gate] };
  const text = measuredText({ runs: runsOfGoodFix, touched }, plain);
  const { digest: measured } = await artifacts.put(new TextEncoder().encode(text));
  const measuredSha256 = measured.slice("sha256:".length);
  const judged = judge({ ...plain, runs: runsOfGoodFix });
  const digest = await storeEvidence(ports, { ...plain, measuredSha256, ...judged });
  const pull = { runId: run.request.id, repositoryId: 7, pullRequestNumber: 100 };
  await store.addEvidence({ key: "run", ...pull, digest });
  host.addPullRequest({ number: 100, headSha: HEAD_SHA, body: "Mine." });
  const evidence = await loadEvidence(ports, digest);
  const name = evidence.gates[0]?.finding ?? "";
  const command: AcceptCommand = {
    kind: "accept",
    meaningKey: "7-100-comment-9",
    repository: host.repository,
    issueNumber: 100,
    requestedBy: "mara",
    findings: [name],
    comment: "https://code.test/octo/fix-me/pull/100#issuecomment-9",
    headSha: HEAD_SHA,
  };
  const accept = (more: Partial<AcceptCommand> = {}) =>
    acceptTestChange(ports, { ...command, ...more });
  return { ...fakes, ports, accept, name, digest };
}

describe("accepting a finding", () => {
  it("stores new evidence that names the old, and shows it everywhere", async () => {
    const { accept, store, ports, host, digest } = await scene();
    await accept();
    const latest = await store.latestEvidence(7, 100);
    expect(latest?.digest).not.toBe(digest);
    expect(await loadEvidence(ports, latest?.digest ?? digest)).toMatchObject({
      verdict: "verified",
      supersedes: digest,
      overrides: [{ by: "mara", gate: "assertions-kept", path: "test/proto.js" }],
    });
    expect([...host.checkRuns.values()]).toMatchObject([{ conclusion: "success" }]);
    expect(host.commentsBy(5).at(-1)).toContain("People accepted 1 finding");
    expect(host.pulls.get(100)?.body).toMatch(/^✅ \*\*Verified[\s\S]*Mine\.$/);
  });

  it("twice by the same comment has one effect, also after a crash before it was shown", async () => {
    const { accept, store, host } = await scene();
    host.failNext("writeCheckRun");
    await expect(accept()).rejects.toMatchObject({ kind: "unavailable" });
    await accept();
    await accept();
    expect(store.evidence).toHaveLength(2);
    expect(host.pulls.get(100)?.body.match(/Verified/g)).toHaveLength(1);
  });

  it("of another name is answered with the names there are", async () => {
    const { accept, store, name } = await scene();
    await expect(accept({ findings: [name, "ffffffff"] })).rejects.toMatchObject({
      code: "unknown-finding",
      message: expect.stringContaining(`\`${name}\``),
    });
    await expect(accept({ findings: [] })).rejects.toMatchObject({ code: "unknown-finding" });
    expect(store.evidence).toHaveLength(1);
  });

  it("ends with the commit that it is about, and needs evidence", async () => {
    const { accept, store } = await scene();
    await expect(accept({ headSha: "d".repeat(40) })).rejects.toMatchObject({ code: "head-moved" });
    await expect(accept({ issueNumber: 101 })).rejects.toMatchObject({ code: "no-evidence" });
    expect(store.evidence).toHaveLength(1);
  });
});
