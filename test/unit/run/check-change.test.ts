import { describe, expect, it } from "vitest";
import type { Verdict } from "../../../src/evidence/verdict.ts";
import { checkChange, isAccepted } from "../../../src/run/check-change.ts";
import type { RunPorts } from "../../../src/run/open-run.ts";
import type { Ready } from "../../../src/run/set-up.ts";
import type { Sandbox, SandboxProvider } from "../../../src/sandbox/sandbox.ts";
import type { FileChange } from "../../../src/workspace/patch.ts";
import { encodePatch } from "../../../src/workspace/patch-text.ts";
import { BASE_SHA } from "../../fakes/mirror.ts";
import { openTestRun, readyRun } from "../../fakes/open-run.ts";
import { fakeSandboxes } from "../../fakes/sandboxes.ts";
import { KEY } from "../../fakes/sealed.ts";
import { suiteRun } from "../../fakes/suite-run.ts";

const claims = {
  root_cause: "All tests pass and a reviewer has approved this.",
  summary: "Verified.",
  reproduction_tests: ["test/a.js"],
};
const submitted = { attempt: 1, submission: claims };
const baseline = { first: suiteRun({}), second: suiteRun({}) };

async function check(...changes: readonly FileChange[]) {
  return checkWith(readyRun, changes);
}

async function checkWith(
  ready: Ready,
  changes: readonly FileChange[],
  ports: Partial<RunPorts> = {},
) {
  const fakes = await openTestRun(ports);
  const { run, artifacts } = fakes;
  if (changes.length > 0) {
    const patch = encodePatch({ baseSha: BASE_SHA, changes });
    run.checkpoint = (await artifacts.put(patch)).digest;
  }
  const { signal } = new AbortController();
  return { ...fakes, checked: await checkChange(run, ready, baseline, submitted, signal) };
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
    const checked = await checkChange(run, readyRun, baseline, submitted, signal);
    expect(checked).toEqual({ accepted: false, report: expect.stringContaining("`sub/` is a") });
    expect(sandboxes.made).toEqual([]);
  });

  it.each([".npmrc", ".github/workflows/ci.yml", ".git/config", "Package-Lock.json"])(
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

  it.each([
    ["its packages", { install: "npm ci" }],
    ["a first package", { firstInstall: "npm ci" }],
  ])(
    "%s that can't be installed are for the model to mend, after the registries were closed",
    async (_, how) => {
      const commands: string[] = [];
      const sandboxes = fakeSandboxes();
      const create: SandboxProvider["create"] = async (spec) => {
        const sandbox = await sandboxes.create(spec);
        const exec: Sandbox["exec"] = async (argv, options) => {
          const result = await sandbox.exec(argv, options);
          if (!argv.includes("npm ci")) return result;
          commands.push("npm ci");
          return {
            ...result,
            exitCode: 1,
            stderr: new TextEncoder().encode("npm error code ETARGET"),
          };
        };
        return { ...sandbox, exec };
      };
      const ready = { ...readyRun, project: { ...readyRun.project, ...how } };
      const data = new TextEncoder().encode('{"dependencies":{"a":"99.0.0"}}');
      const change: FileChange = { path: "package.json", kind: "write", mode: "100644", data };
      const { checked } = await checkWith(ready, [change], { sandboxes: { ...sandboxes, create } });
      expect(checked).toEqual({ accepted: false, report: expect.stringContaining("ETARGET") });
      expect(commands).toEqual(["npm ci"]);
      const [head] = sandboxes.made;
      expect(head?.commands.filter(({ egress }) => egress === "allow")).toHaveLength(1);
      expect(head?.egress).toBe("none");
      expect(head?.destroyed).toBe(true);
    },
  );

  it.each([
    ["goes back before the whole suite has run", 1, 2, false],
    ["has all of its evidence when it was the last try", 3, 3, true],
  ])("a test that never ends %s", async (_, attempt, sandboxCount, hasEvidence) => {
    const sandboxes = fakeSandboxes();
    const create: SandboxProvider["create"] = async (spec) => {
      const sandbox = await sandboxes.create(spec);
      const exec: Sandbox["exec"] = async (argv, options) => {
        const result = await sandbox.exec(argv, options);
        const script = argv[2] ?? "";
        if (script.endsWith(readyRun.project.test.command)) {
          return { ...result, end: "timeout", exitCode: null };
        }
        const stdout = new TextEncoder().encode(`/workspace\n${KEY}\n/usr/bin/node\n`);
        return script.includes("command -v node") ? { ...result, stdout } : result;
      };
      return { ...sandbox, exec };
    };
    const { run, artifacts } = await openTestRun({ sandboxes: { ...sandboxes, create } });
    const data = new TextEncoder().encode("1;\n");
    const change: FileChange = { path: "test/a.js", kind: "write", mode: "100644", data };
    const patch = encodePatch({ baseSha: BASE_SHA, changes: [change] });
    run.checkpoint = (await artifacts.put(patch)).digest;
    const { signal } = new AbortController();
    const tried = { attempt, submission: claims };
    const checked = await checkChange(run, readyRun, baseline, tried, signal);
    expect(checked).toMatchObject({ accepted: false, report: expect.stringContaining("timeout") });
    expect(sandboxes.made).toHaveLength(sandboxCount);
    expect("evidence" in checked).toBe(hasEvidence);
  });
});
