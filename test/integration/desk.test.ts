import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { ToolCall } from "../../src/agent/model.ts";
import { checkpointPatch, Desk } from "../../src/run/desk.ts";
import type { Ready } from "../../src/run/set-up.ts";
import type { ExecResult, Sandbox, SandboxSpec } from "../../src/sandbox/sandbox.ts";
import { unpackLayer } from "../../src/sandbox/unpack-layer.ts";
import type { Mirror } from "../../src/workspace/mirror.ts";
import { createGitMirrors, MIRROR_LIMITS } from "../../src/workspace/mirrors/git/git-mirrors.ts";
import { makeRepository } from "../fakes/git-repository.ts";
import { createLocalSandbox } from "../fakes/local-sandbox.ts";
import { openTestRun, readyRun } from "../fakes/open-run.ts";
import { fakeSandboxes } from "../fakes/sandboxes.ts";

const FILES = {
  "lib.js": "exports.f = () => 1;\n",
  "test/f.test.js":
    "require('node:test')('f', () => require('node:assert').equal(require('../lib.js').f(), 1));\n",
  "package.json": '{"name": "toy"}\n',
};
let mirror: Mirror;
let ready: Ready;

beforeAll(async () => {
  const root = await mkdtemp(join(tmpdir(), "desk-"));
  const sha = makeRepository(root, "toy.git", FILES);
  const mirrors = await createGitMirrors({
    folder: join(root, "mirrors"),
    hostEnv: { PATH: process.env["PATH"] },
    localRepositories: true,
    limits: MIRROR_LIMITS,
  });
  mirror = await mirrors.open({ id: 1 });
  await mirror.fetch({ url: `file://${root}/toy.git` }, "main");
  ready = {
    ...readyRun,
    sha,
    project: { ...readyRun.project, test: { command: "node --test", runner: "node:test" } },
  };
  return () => rm(root, { recursive: true, force: true });
});

const open: Sandbox[] = [];
afterEach(() => Promise.all(open.splice(0).map((sandbox) => sandbox.destroy())));

const LOST: ExecResult = {
  end: "lost",
  exitCode: null,
  signal: null,
  stdout: new Uint8Array(),
  stderr: new Uint8Array(),
  droppedBytes: 0,
  durationMs: 0,
};

/** A desk on sandboxes of this machine; each is lost at a command with the word `crash`, as often as `crashes` says. */
async function scene(crashes = 0) {
  const made: { readonly folder: string }[] = [];
  let left = crashes;
  const sandboxes = {
    ...fakeSandboxes(),
    create: async ({ layers }: SandboxSpec) => {
      const sandbox = await createLocalSandbox();
      for (const layer of layers) await unpackLayer(sandbox, layer);
      made.push(sandbox);
      open.push(sandbox);
      const exec: Sandbox["exec"] = async (argv, options) => {
        const result = await sandbox.exec(argv, options);
        if (!argv.some((word) => word.includes("crash")) || left === 0) return result;
        left -= 1;
        await sandbox.destroy();
        return LOST;
      };
      return { ...sandbox, exec };
    },
  };
  const here = await openTestRun({ sandboxes, mirrors: { open: async () => mirror } });
  const desk = new Desk(here.run, ready);
  onTestFinished(() => desk[Symbol.asyncDispose]());
  const turn = (...calls: readonly ToolCall[]) => desk.act(calls, new AbortController().signal);
  const changes = async () => {
    const patch = await checkpointPatch(here.run);
    return patch?.changes.map(({ path }) => path) ?? [];
  };
  return { ...here, desk, made, turn, changes };
}

let count = 0;
const call = (tool: string, input: object): ToolCall => ({
  id: `c${++count}`,
  tool,
  input: JSON.stringify(input),
});
const shell = (command: string) => call("shell", { command });
const write = (path: string, content: string) => call("write_file", { path, content });

describe("the desk", () => {
  it("keeps the tree after each turn that changed it, and only then", async () => {
    const { desk, turn, changes } = await scene();
    const read = await turn(call("read_file", { path: "lib.js" }));
    expect(read.checkpoint).toBeUndefined();
    expect(read.outcomes[0]?.text).toContain("exports.f");
    const wrote = await turn(write("new.js", "1;\n"), shell("rm lib.js"));
    expect(wrote.outcomes.at(-1)?.reached).toEqual({ what: "tree", digest: wrote.checkpoint });
    desk.remember(wrote);
    expect(await changes()).toEqual(["lib.js", "new.js"]);
  });

  it("gives a process that takes over the tree and what the model has read", async () => {
    const first = await scene();
    const acted = await first.turn(call("read_file", { path: "lib.js" }), write("new.js", "1;\n"));
    const second = await scene();
    for (const [digest, data] of first.artifacts.known) second.artifacts.known.set(digest, data);
    second.desk.remember(acted);
    const { outcomes } = await second.turn(shell("cat new.js"), write("lib.js", "2;\n"));
    expect(outcomes.map(({ text }) => text)).toEqual(["1;", "Wrote lib.js (2 lines)."]);
  });

  it("starts a turn that lost its sandbox again, from the tree before it", async () => {
    const { desk, turn, made, progress } = await scene(1);
    desk.remember(await turn(write("a.js", "1;\n")));
    const acted = await turn(shell("echo x >> a.js; ls; : crash"));
    expect(made).toHaveLength(2);
    expect(acted.outcomes[0]?.text).toBe("a.js\nlib.js\npackage.json\ntest");
    const [, again] = made;
    expect(await readFile(join(again?.folder ?? "", "a.js"), "utf8")).toBe("1;\nx\n");
    expect(progress).toContainEqual(
      expect.objectContaining({ note: expect.stringContaining("sandbox was lost") }),
    );
  });

  it("tells the model when a turn loses two, and keeps the tree before it", async () => {
    const { desk, turn, changes } = await scene(2);
    desk.remember(await turn(write("a.js", "1;\n")));
    const acted = await turn(shell("rm a.js; : crash"));
    expect(acted).toEqual({
      outcomes: [{ callId: expect.any(String), text: expect.stringContaining("died twice") }],
    });
    desk.remember(acted);
    expect(await changes()).toEqual(["a.js"]);
    expect((await turn(shell("cat a.js"))).outcomes[0]?.text).toBe("1;");
  });

  it("leaves a change that can't be kept to the model to mend", async () => {
    const { desk, run, turn, changes } = await scene();
    desk.remember(await turn(write("a.js", "1;\n")));
    const acted = await turn(shell("git init -q sub && cd sub && touch x"));
    expect(acted.checkpoint).toBeUndefined();
    expect(acted.outcomes[0]?.text).toContain("The change can't be kept like this");
    desk.remember(acted);
    expect(await changes()).toEqual(["a.js"]);
    desk.remember(await turn(call("read_file", { path: "a.js" })));
    expect(run.unkept).toContain("`sub/`");
    desk.remember(await turn(shell("rm -r sub")));
    expect(run.unkept).toBeUndefined();
  });

  it("runs tests on the base with nothing of the change but its tests", async () => {
    const { turn, made } = await scene();
    const failing = FILES["test/f.test.js"].replace(", 1)", ", 2)");
    const { outcomes } = await turn(
      shell("echo 'exports.f = () => 2;' > lib.js"),
      call("read_file", { path: "test/f.test.js" }),
      write("test/f.test.js", failing),
      call("run_tests", { on: "base" }),
      call("run_tests", { scope: "full" }),
    );
    expect(outcomes.slice(-2).map(({ text }) => text)).toEqual([
      expect.stringContaining("0 passed, 1 failed"),
      expect.stringContaining("1 passed, 0 failed"),
    ]);
    expect(made).toHaveLength(2);
    expect(() => execFileSync("ls", [made[1]?.folder ?? ""], { stdio: "pipe" })).toThrow();
  });
});
