import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { Project } from "../../src/check/project.ts";
import { TreeKeeper } from "../../src/run/keep-tree.ts";
import type { Ready } from "../../src/run/set-up.ts";
import { type Sandbox, WORKSPACE } from "../../src/sandbox/sandbox.ts";
import { unpackLayer } from "../../src/sandbox/unpack-layer.ts";
import { checkoutLayer } from "../../src/workspace/checkout.ts";
import type { Mirror } from "../../src/workspace/mirror.ts";
import { createGitMirrors, MIRROR_LIMITS } from "../../src/workspace/mirrors/git/git-mirrors.ts";
import { encodePatch } from "../../src/workspace/patch-text.ts";
import { makeRepository } from "../fakes/git-repository.ts";
import { createLocalSandbox } from "../fakes/local-sandbox.ts";
import { openTestRun, readyRun } from "../fakes/open-run.ts";

const FILES = { "a.js": "one\n", "b.js": "two\n", ".gitignore": "out/\n" };
let mirrors: Awaited<ReturnType<typeof createGitMirrors>>;
let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "keep-tree-"));
  mirrors = await createGitMirrors({
    folder: join(root, "mirrors"),
    hostEnv: { PATH: process.env["PATH"] },
    localRepositories: true,
    limits: MIRROR_LIMITS,
  });
  return () => rm(root, { recursive: true, force: true });
});

let count = 0;

async function scene(
  files: Readonly<Record<string, string>> = FILES,
  project: Partial<Project> = {},
) {
  const id = ++count;
  const sha = makeRepository(root, `toy-${id}.git`, files);
  const mirror: Mirror = await mirrors.open({ id });
  await mirror.fetch({ url: `file://${root}/toy-${id}.git` }, "main");
  const made = await createLocalSandbox();
  onTestFinished(() => made.destroy());
  const signal = new AbortController().signal;
  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
  await unpackLayer(made, checkoutLayer(mirror, sha, { sha256, scope: "toy" }));
  const scripts: string[] = [];
  const sandbox: Sandbox = {
    ...made,
    exec: (argv, options) => {
      scripts.push(argv.join(" "));
      return made.exec(argv, options);
    },
  };
  const ready: Ready = { ...readyRun, sha, project: { ...readyRun.project, ...project } };
  const { run, artifacts } = await openTestRun({ mirrors: { open: async () => mirror } });
  const keeper = new TreeKeeper(run, ready, sandbox);
  await keeper.start(undefined, signal);
  return {
    keeper,
    signal,
    artifacts,
    readings: () => scripts.filter((script) => script.includes("update-index")).length,
    shell: (script: string) => made.exec(["sh", "-c", script], { timeoutMs: 60_000 }),
    async write(path: string, text: string) {
      const data = new TextEncoder().encode(text);
      const file = { path: `${WORKSPACE}/${path}`, data, mode: 0o644 } as const;
      await made.writeFiles([file]);
      keeper.wrote(file);
    },
    /** What is kept, and what a reading finds. */
    async compare(happened: "files-written" | "nothing-known") {
      const digest = await keeper.keep(happened, signal);
      const kept = artifacts.known.get(digest);
      return [
        new TextDecoder().decode(kept),
        new TextDecoder().decode(encodePatch(await keeper.read(signal))),
      ];
    },
  };
}

describe("the kept tree", () => {
  it("is what a reading finds after a tool's writes, without one", async () => {
    const { write, keeper, signal, compare, readings } = await scene();
    await write("a.js", "other\n");
    await keeper.keep("files-written", signal);
    await write("a.js", "and other\n");
    await write("b.js", "");
    expect(readings()).toBe(0);
    const [kept, read] = await compare("files-written");
    expect(kept).toBe(read);
  });

  it.each([
    ["a new file", "new.js", "x"],
    ["an ignored file", "out/x.js", "x"],
    ["the base's own content", "a.js", "one\n"],
    ["what is ignored", ".gitignore", "b.js\nnew/\n"],
  ])("is right after a write of %s", async (_what, path, text) => {
    const { write, compare } = await scene();
    await write("b.js", "longer than before\n");
    await write(path, text);
    const [kept, read] = await compare("files-written");
    expect(kept).toBe(read);
  });

  it("is right where attributes convert what is written", async () => {
    const { write, compare } = await scene({ ...FILES, ".gitattributes": "*.js text\n" });
    await write("a.js", "one\r\ntwo\r\n");
    const [kept, read] = await compare("files-written");
    expect(kept).toBe(read);
    expect(kept).not.toContain("\\r");
  });

  it("takes up what a command does after a write, to the same file too", async () => {
    const { write, keeper, signal, shell, compare } = await scene();
    await write("a.js", "other\n");
    const before = await keeper.keep("files-written", signal);
    expect(await keeper.keep("nothing-known", signal)).toBe(before);
    await shell("echo more >> /workspace/a.js; rm /workspace/b.js");
    const [kept, read] = await compare("nothing-known");
    expect(kept).toBe(read);
    expect(kept).toContain("b.js");
  });

  it("is without the first packages of a project that never had any, though git isn't told to ignore them", async () => {
    const project = { firstInstall: "npm install" };
    const { keeper, signal, shell, compare, write } = await scene(FILES, project);
    await write("a.js", "other\n");
    await keeper.keep("files-written", signal);
    await shell(
      "mkdir -p /workspace/node_modules/a && echo 1 > /workspace/node_modules/a/index.js",
    );
    const [kept, read] = await compare("nothing-known");
    expect(kept).toBe(read);
    expect(kept).toContain("a.js");
    expect(kept).not.toContain("node_modules");
  });

  it("takes up what a command did before a write", async () => {
    const { write, shell, compare } = await scene();
    await shell("rm /workspace/b.js");
    await write("a.js", "other\n");
    const [kept, read] = await compare("nothing-known");
    expect(kept).toBe(read);
    expect(kept).toContain("b.js");
  });
});
