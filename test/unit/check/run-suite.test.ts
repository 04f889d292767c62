import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Project } from "../../../src/check/project.ts";
import { runSuite, type SuiteOptions } from "../../../src/check/run-suite.ts";
import { formatKey } from "../../../src/check/suite.ts";
import { createScriptedSandbox, type ScriptedAnswer } from "../../fakes/scripted-sandbox.ts";
import { KEY, sealed } from "../../fakes/sealed.ts";

const PROJECT: Project = {
  packageManager: "npm",
  test: { command: "npm test", runner: "mocha" },
  findings: [],
};
const line = (file: string, name: string) =>
  `${JSON.stringify({ id: `${file}${name}`, file: `/workspace/${file}`, names: [name], status: "pass" })}\n`;
const END = '{"end":true}\n';
const stream = (lines: string) => `N${sealed(KEY, lines)}\0`;
const REPORT = stream(line("test/a.js", "one") + line("test/b.js", "two") + END);

/** A sandbox that answers the four kinds of command of a run. */
function sandboxWith(answers: {
  prepare?: ScriptedAnswer;
  test?: ScriptedAnswer;
  report?: ScriptedAnswer;
}) {
  return createScriptedSandbox((argv): ScriptedAnswer => {
    const script = argv.join(" ");
    if (script.includes("mkdir"))
      return answers.prepare ?? { out: `/workspace\n${KEY}\n/usr/bin/node\n` };
    if (script.includes("npm test"))
      return answers.test ?? { out: "\u001b[32mfine\u001b[0m\n", err: "note\n" };
    if (script.includes("ndjson")) return answers.report ?? { out: REPORT };
    return {};
  });
}

function run(sandbox: ReturnType<typeof sandboxWith>, more: Partial<SuiteOptions> = {}) {
  return runSuite(sandbox, PROJECT, {
    timeoutMs: 60_000,
    createHash: () => createHash("sha256"),
    ...more,
  });
}

describe("runSuite", () => {
  it("says how the command ended, what each test did and what was printed", async () => {
    const result = await run(sandboxWith({}));
    expect(result).toMatchObject({
      command: "npm test",
      end: "exit",
      exitCode: 0,
      logTail: "fine\nnote\n",
    });
    expect(result.tests.map(({ key }) => formatKey(key))).toEqual([
      "test/a.js > one",
      "test/b.js > two",
    ]);
    const printed = createHash("sha256").update("\u001b[32mfine\u001b[0m\nnote\n").digest("hex");
    expect(result.logSha256).toBe(printed);
  });

  it("runs the repository's command unchanged, with the reporters beside the workspace", async () => {
    const sandbox = sandboxWith({});
    await run(sandbox);
    const test = sandbox.commands.find(({ argv }) => argv[2]?.endsWith("\nnpm test"));
    expect(test?.options).toMatchObject({ timeoutMs: 60_000 });
    expect(sandbox.written.every(({ path }) => path.startsWith("/tmp/dunlin-check/"))).toBe(true);
  });

  it("brings the reporters by another way where yarn would hide them, and only there", async () => {
    const scripts = async (project: Project) => {
      const sandbox = sandboxWith({});
      const options = { timeoutMs: 60_000, createHash: () => createHash("sha256") };
      await runSuite(sandbox, project, options);
      return sandbox.commands.map(({ argv }) => argv[2]).join("\n");
    };
    expect(await scripts({ ...PROJECT, packageManager: "yarn" })).toMatch(
      /NODE_OPTIONS='--require=/,
    );
    expect(await scripts(PROJECT)).not.toContain("NODE_OPTIONS");
  });

  it("keeps only the wanted files and names", async () => {
    expect((await run(sandboxWith({}), { files: ["test/b.js"] })).tests).toHaveLength(1);
    expect((await run(sandboxWith({}), { name: "tw" })).tests[0]?.key.name).toBe("two");
    const { command } = await run(sandboxWith({}), { files: ["test/a b.js"] });
    expect(command).toBe("npm test # only 'test/a b.js'");
  });

  it("counts a wanted file that reported nothing as failed when the command failed", async () => {
    const result = await run(sandboxWith({ test: { exitCode: 1 } }), { files: ["test/c.js"] });
    expect(result.tests).toMatchObject([
      { key: { file: "test/c.js", name: "(file)" }, status: "fail" },
    ]);
  });

  it("keeps what tests reported before the time was up", async () => {
    const result = await run(sandboxWith({ test: { end: "timeout" } }));
    expect(result).toMatchObject({ end: "timeout", exitCode: null });
    expect(result.tests).toHaveLength(2);
  });

  it("asks nothing of a sandbox that is gone", async () => {
    const sandbox = sandboxWith({ test: { end: "oom" } });
    expect(await run(sandbox)).toMatchObject({ end: "oom", tests: [] });
    expect(sandbox.commands).toHaveLength(2);
  });

  it.each<[string, Parameters<typeof sandboxWith>[0], string]>([
    ["no Node", { prepare: { exitCode: 127, out: "/workspace\n" } }, "no-node"],
    ["a sandbox that is lost at once", { prepare: { end: "lost" } }, "sandbox-lost"],
    ["a report without an end", { report: { end: "killed" } }, "report-too-large"],
  ])("throws for %s", async (_, answers, code) => {
    await expect(run(sandboxWith(answers))).rejects.toMatchObject({ code });
  });

  it("keeps a bounded part of an endless log", async () => {
    const result = await run(sandboxWith({ test: { out: `${"x".repeat(99)}\n`.repeat(50_000) } }));
    expect(result.logTail.length).toBeLessThanOrEqual(8000);
    expect(result.logTail.startsWith("x".repeat(99))).toBe(true);
  });

  it("takes no half of a report for a result when the sandbox goes while it is read", async () => {
    const sandbox = sandboxWith({ report: { out: REPORT.slice(0, 40), end: "lost" } });
    await expect(run(sandbox)).rejects.toMatchObject({ kind: "unavailable", code: "sandbox-lost" });
  });
});
