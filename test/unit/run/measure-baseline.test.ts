import { expect, it } from "vitest";
import type { Digest } from "../../../src/artifact/artifact.ts";
import { Failure } from "../../../src/errors.ts";
import { Desk } from "../../../src/run/desk.ts";
import { measureBaseline } from "../../../src/run/measure-baseline.ts";
import type { RunPorts } from "../../../src/run/open-run.ts";
import type { Ready } from "../../../src/run/set-up.ts";
import { fakeArtifacts } from "../../fakes/artifacts.ts";
import { fakeBaselines } from "../../fakes/baselines.ts";
import { BASE_SHA } from "../../fakes/mirror.ts";
import { openTestRun, readyRun, runRequest } from "../../fakes/open-run.ts";
import { fakeSandboxes } from "../../fakes/sandboxes.ts";
import { createScriptedSandbox, type ScriptedAnswer } from "../../fakes/scripted-sandbox.ts";
import { KEY } from "../../fakes/sealed.ts";

/** Sandboxes in which only the suite does anything; `suites` counts its runs. */
function suiteSandboxes(suite: (nth: number) => ScriptedAnswer) {
  const seen = { suites: 0 };
  const create = async () => ({
    ...createScriptedSandbox((argv) => {
      const script = argv.join(" ");
      if (script.includes("pwd -P")) return { out: `/workspace\n${KEY}\n/usr/bin/node\n` };
      if (!script.includes("npm test") && !script.includes("npm run all")) return {};
      seen.suites += 1;
      return suite(seen.suites);
    }),
    setEgress: async () => {},
  });
  return { seen, sandboxes: { ...fakeSandboxes(), create } };
}

/** Runs of one Dunlin, one after the other. */
function oneDunlin(suite: (nth: number) => ScriptedAnswer = (nth) => ({ out: `run ${nth}\n` })) {
  const { seen, sandboxes } = suiteSandboxes(suite);
  const [baselines, artifacts] = [fakeBaselines(), fakeArtifacts()];
  const measure = async (ready: Ready = readyRun, more: Partial<RunPorts> = {}) => {
    const { run } = await openTestRun({ sandboxes, baselines, artifacts, ...more });
    const before = seen.suites;
    const baseline = await measureBaseline(run, ready);
    return { baseline, suites: seen.suites - before, findings: run.findings };
  };
  return { baselines, artifacts, measure, sandboxes, seen };
}

it("a suite that can't run at all ends the run before a model request is paid for", async () => {
  const { sandboxes } = suiteSandboxes(() => ({
    exitCode: 1,
    err: "Error: connect ECONNREFUSED 127.0.0.1:5432\n",
  }));
  const { run, model } = await openTestRun({ sandboxes });
  const failed = measureBaseline(run, readyRun, new Desk(run, readyRun));
  await expect(failed).rejects.toMatchObject({
    kind: "invalid-request",
    code: "suite-does-not-run",
  });
  await expect(failed).rejects.toThrow(/service \(127\.0\.0\.1:5432\)[\s\S]*dunlin\.yml/);
  expect(model.requests).toEqual([]);
});

it("what one run measured serves the next on the same base, to the last byte, and says so", async () => {
  const { measure, artifacts } = oneDunlin();
  const first = await measure();
  expect(first.suites).toBe(2);
  expect(first.findings).toEqual([]);
  const noted = { ...readyRun.project, findings: ["Dependencies: as installed on 2026-11-22."] };
  const later = await measure({ ...readyRun, project: noted });
  expect(later.suites).toBe(0);
  expect(later.baseline).toEqual(first.baseline);
  expect(later.findings).toEqual([
    "Dependencies: as installed on 2026-11-22.",
    "Base suite: as measured on 2026-11-23, twice, on the same commit, with the same command, dependencies and image.",
  ]);
  expect(await artifacts.has(`sha256:${later.baseline.second.logSha256}`)).toBe(true);
});

it("another commit, image, command, setting, dependency or limit is measured itself", async () => {
  const { measure } = oneDunlin();
  await measure();
  const { project, isolation } = readyRun;
  const dependencies = { digest: `sha256:${"d".repeat(64)}`, bytes: 1, paths: [] } as const;
  const others: readonly Partial<Ready>[] = [
    { sha: BASE_SHA.replace(/^./, "f") },
    { isolation: { ...isolation, imageDigest: "sha256:other" } },
    { isolation: { ...isolation, runtime: "other" } },
    { nodeVersion: "v22.1.0" },
    { dependencies },
    { project: { ...project, test: { ...project.test, command: "npm run all" } } },
    { project: { ...project, env: { CI: "1" } } },
    { project: { ...project, path: ["bin"] } },
    { project: { ...project, test: { ...project.test, runner: "unknown" } } },
  ];
  for (const other of others) {
    expect((await measure({ ...readyRun, ...other })).suites, JSON.stringify(other)).toBe(2);
  }
  const { run } = await openTestRun();
  const { limits } = run.ports;
  const small = { ...limits, sandbox: { ...limits.sandbox, memoryMiB: 256 } };
  expect((await measure(readyRun, { limits: small })).suites).toBe(2);
  expect((await measure()).suites).toBe(0);
});

it("what another repository measured is not used", async () => {
  const { sandboxes, baselines, artifacts, seen, measure } = oneDunlin();
  await measure();
  const request = { ...runRequest, repository: { ...runRequest.repository, id: 8 } };
  const { run } = await openTestRun({ sandboxes, baselines, artifacts }, request);
  await measureBaseline(run, readyRun);
  expect(seen.suites).toBe(4);
});

it("what is a week old, damaged or gone is measured anew, and kept again", async () => {
  const { measure, artifacts, baselines } = oneDunlin();
  const weekLater = { now: () => Date.UTC(2026, 10, 30, 6) };
  await measure();
  expect((await measure(readyRun, weekLater)).suites).toBe(2);
  expect((await measure(readyRun, weekLater)).suites).toBe(0);
  for (const nth of [0, 1, 2]) {
    const [kept] = [...baselines.saved.values()].map(({ baseline, logs }) => [baseline, ...logs]);
    const digest = kept?.[nth];
    const get = (asked: Digest) => (asked === digest ? unreadable : artifacts.get(asked));
    expect(digest).toBeDefined();
    const damaged = { ...weekLater, artifacts: { ...artifacts, get } };
    expect((await measure(readyRun, damaged)).suites).toBe(2);
  }
  artifacts.known.clear();
  expect((await measure(readyRun, weekLater)).suites).toBe(2);
  expect((await measure(readyRun, weekLater)).suites).toBe(0);
});

it("a base whose two runs differ is measured by every run", async () => {
  const { measure, baselines } = oneDunlin((nth) => ({ exitCode: nth % 2 === 0 ? 1 : 0 }));
  await measure();
  expect(baselines.saved.size).toBe(0);
  expect((await measure()).suites).toBe(2);
});

const corrupt = new Failure("unavailable", "artifact-corrupt", "It has another digest.");
const unreadable: AsyncIterable<Uint8Array> = {
  [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(corrupt) }),
};
