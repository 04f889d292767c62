import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { git } from "../fakes/git-repository.ts";

const Step = z.strictObject({
  name: z.string(),
  run: z.string(),
  env: z.record(z.string(), z.string()).optional(),
});
const Workflow = z.strictObject({
  name: z.string(),
  on: z.strictObject({
    workflow_call: z.strictObject({
      inputs: z.record(
        z.string(),
        z.strictObject({
          description: z.string(),
          type: z.enum(["string", "number"]),
          default: z.union([z.string(), z.number()]),
        }),
      ),
    }),
  }),
  permissions: z.strictObject({}),
  jobs: z.strictObject({
    verify: z.strictObject({
      name: z.string(),
      "runs-on": z.string(),
      "timeout-minutes": z.string(),
      permissions: z.strictObject({ contents: z.literal("read") }),
      env: z.record(z.string(), z.string()),
      steps: z.array(Step),
    }),
  }),
});
const workflow = Workflow.parse(
  parse(readFileSync(".github/workflows/verify-evidence.yml", "utf8")),
);
const { verify } = workflow.jobs;
const { inputs } = workflow.on.workflow_call;

it("can read and nothing else, uses no action and no secret, and puts nothing of a stranger's into a script", () => {
  for (const { run } of verify.steps) expect(run).not.toContain("${{");
  const expressions = [verify.env, ...verify.steps.map(({ env = {} }) => env)]
    .flatMap((env) => Object.values(env))
    .flatMap((text) => [...text.matchAll(/\$\{\{\s*([^}]*?)\s*\}\}/g)].map(([, inner]) => inner));
  const known = Object.keys(inputs).map((name) => `inputs.${name}`);
  const allowed = ["server_url", "repository", "token", "event.pull_request.base.sha"]
    .concat("event.pull_request.head.sha")
    .map((name) => `github.${name}`);
  for (const one of expressions) expect([...known, ...allowed]).toContain(one);
});

describe("its steps", () => {
  let folder: string;
  let origin: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "dunlin-workflow-"));
    origin = join(folder, "octo", "toy");
    commit({
      "package.json": '{"type":"module","scripts":{"test":"node --test"}}',
      "add.js": "export const add = (a, b) => a - b;\n",
      "test/other.test.js": 'import { test } from "node:test";\ntest("other", () => {});\n',
    });
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function commit(files: Readonly<Record<string, string>>): string {
    mkdirSync(origin, { recursive: true });
    git(origin, "init", "--quiet", "--initial-branch=main");
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(origin, path)), { recursive: true });
      writeFileSync(join(origin, path), text);
    }
    git(origin, "add", "--all");
    git(origin, "commit", "--quiet", "--message=More");
    return execFileSync("git", ["rev-parse", "HEAD"], { cwd: origin, encoding: "utf8" }).trim();
  }

  /** As a runner would: one after the other until one fails; gives the name of that one. */
  function run(base: string, head: string): { readonly failed?: string; readonly output: string } {
    const work = mkdtempSync(join(folder, "run-"));
    const env = {
      PATH: process.env["PATH"],
      HOME: work,
      BASE: base,
      HEAD: head,
      REPOSITORY: origin,
      INSTALL: "true",
      TEST: String(inputs["test"]?.default),
      TEST_FILES: String(inputs["test-files"]?.default),
      TOKEN: "none",
    };
    let output = "";
    for (const step of verify.steps) {
      const script = join(work, "step.sh");
      writeFileSync(script, step.run);
      const { status, stdout, stderr } = spawnSync("bash", ["-eo", "pipefail", script], {
        cwd: work,
        env,
        encoding: "utf8",
      });
      output += stdout + stderr;
      if (status !== 0) return { failed: step.name, output };
    }
    return { output };
  }

  const TEST = `import assert from "node:assert";
import { test } from "node:test";
import { add } from "../add.js";
test("adds", () => assert.equal(add(2, 3), 5));
`;
  const FIX = { "add.js": "export const add = (a, b) => a + b;\n" };
  const baseOf = () =>
    execFileSync("git", ["rev-parse", "HEAD"], { cwd: origin, encoding: "utf8" }).trim();

  it("confirm a fix whose test fails without it, also one with an odd name", () => {
    const base = baseOf();
    const head = commit({ ...FIX, "test/add it.test.js": TEST });
    expect(run(base, head).failed).toBeUndefined();
  });

  it.each<[string, string, RegExp, Readonly<Record<string, string>>]>([
    ["has no test", "Fetch", /changes no test/, FIX],
    [
      "has a test that passes anyway",
      "Without",
      /pass without the change/,
      { ...FIX, "test/a.test.js": "" },
    ],
    ["doesn't fix it", "With ", /not ok|✖/, { "test/a.test.js": TEST }],
  ])("refuse a change that %s", (_, step, why, files) => {
    const base = baseOf();
    const { failed, output } = run(base, commit(files));
    expect(failed?.startsWith(step)).toBe(true);
    expect(output).toMatch(why);
  });

  it("refuse to run on anything but a pull request", () => {
    expect(run("", "").output).toContain("Call this from a workflow that runs on pull_request");
  });
});
