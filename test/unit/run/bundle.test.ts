import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { readAll } from "../../../src/artifact/artifact.ts";
import { checkBundle } from "../../../src/attestation/check-bundle.ts";
import { unpackArchive } from "../../../src/attestation/host/archive.ts";
import { measuredText } from "../../../src/evidence/basis.ts";
import { bundleText, storeBundle } from "../../../src/run/bundle.ts";
import { publish } from "../../../src/run/publish.ts";
import { fakeAttestation } from "../../fakes/attestation.ts";
import { contentOf, sha256Of, signingKey, trustIn } from "../../fakes/bundle.ts";
import { evidenceOf } from "../../fakes/evidence.ts";
import { BASE_SHA, HEAD_SHA } from "../../fakes/mirror.ts";
import { openTestRun, readyRun } from "../../fakes/open-run.ts";

const key = signingKey();

async function scene() {
  const fakes = await openTestRun({ attestation: fakeAttestation(key) });
  const { artifacts, mirror, run } = fakes;
  const { basis, logs } = contentOf();
  const patchSha256 = sha256Of(await mirror.diff(BASE_SHA, HEAD_SHA));
  const known = { baseSha: BASE_SHA, headSha: HEAD_SHA, patchSha256 };
  const measured = Buffer.from(measuredText(basis, known));
  await artifacts.put(measured);
  for (const log of logs.values()) await artifacts.put(log);
  const measuredSha256 = createHash("sha256").update(measured).digest("hex");
  const evidence = evidenceOf(basis.runs, basis.touched, { ...known, measuredSha256 });
  return { ...fakes, evidence, store: () => storeBundle(run.ports, mirror, evidence, run.log) };
}

describe("a run's bundle", () => {
  it("is confirmed by its key, and holds the logs that were kept", async () => {
    const { artifacts, store } = await scene();
    const stored = await store();
    const bytes = await readAll(artifacts.get(stored?.digest ?? "sha256:"));
    expect(bytes.length).toBe(stored?.bytes);
    const files = await unpackArchive(bytes);
    expect(checkBundle(files, trustIn(key)).points.filter(({ holds }) => !holds)).toEqual([]);
    expect(files.map(({ path }) => path)).toContain("logs/R0a.log");
    expect(files.map(({ path }) => path)).toContain("logs/R2.tail.log");
  });

  it("stands in the check run with its link and key, and in the summary by its digest", async () => {
    const { artifacts, evidence, host, run, journal } = await scene();
    const { digest } = await artifacts.put(Buffer.from(JSON.stringify(evidence)));
    const submission = { root_cause: "r", summary: "s", reproduction_tests: [] };
    const plan = { baseBranch: "main", settings: { image: "node" } };
    await publish(run, plan, readyRun, { submission, evidence: digest });
    const [checkRun] = [...host.checkRuns.values()];
    expect(checkRun?.text).toContain("https://dunlin.test/runs/run-7f3a/evidence.tar?bundle=");
    expect(checkRun?.text).toContain(key.listed.publicKey.split("\n")[1]);
    const end = journal.entries.find(({ step }) => step === "conclude");
    expect(end?.result).toMatch(/"bundle":"sha256:[0-9a-f]{64}"/);
  });

  it("that can't be made ends no run", async () => {
    const { run, mirror, evidence } = await scene();
    const older = { ...evidence, measuredSha256: null };
    expect(await storeBundle(run.ports, mirror, older, run.log)).toBeNull();
    expect(bundleText(run.ports, older, null)).toBe("");
  });
});
