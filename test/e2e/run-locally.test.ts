import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import Docker from "dockerode";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { dockerOptions } from "../../src/sandbox/providers/docker/engine-socket.ts";
import { git } from "../fakes/git-repository.ts";
import type { ScriptedTurn } from "../model/scripted-model.ts";
import { type Ended, type LocalStage, setLocalStage } from "./local-stage.ts";
import { TOY_ISSUE, TOY_SCRIPT } from "./toy-repository.ts";

const docker = new Docker(await dockerOptions(process.env));
const TASK = `# ${TOY_ISSUE.title}\n\n${TOY_ISSUE.body}\n`;
let stage: LocalStage;

beforeAll(async () => {
  stage = await setLocalStage();
});
afterAll(async () => stage?.[Symbol.asyncDispose]());

/** Everything in a working copy and its `.git` that a person or git could notice, but for times of access. */
async function snapshot(repository: string): Promise<string> {
  const list = execFileSync(
    "find",
    [repository, "-type", "f", "-printf", "%p %s %T@ %m\\n", "-o", "-printf", "%p %m\\n"],
    { encoding: "utf8" },
  );
  return list.split("\n").sort().join("\n");
}

describe("a task in a local repository", () => {
  let repository: string;
  let before: string;
  let ended: Ended;

  beforeAll(async () => {
    repository = await stage.repository("toy");
    await writeFile(join(repository, "notes.txt"), "not committed\n");
    await writeFile(join(repository, "README.md"), "# changed, not committed\n");
    await writeFile(join(stage.folder, "task.md"), TASK);
    before = await snapshot(repository);
    const model = await stage.model(TOY_SCRIPT);
    const files = ["--patch", "out/fix.patch", "--evidence", "out/evidence", "--json", "out.json"];
    ended = await stage.run(model, [repository, "--task-file", "task.md", ...files]).ended;
  });

  it("ends with 0 when it is verified, and says so", () => {
    expect(ended.stderr).toContain("✅ Verified. 1 test that fails without this change passes");
    expect(ended.stderr).toContain("Changed  sum.js, test/add.test.js\n");
    expect(ended.stderr).toContain("The change is in out/fix.patch");
    expect(ended.code).toBe(0);
  });

  it("shows calm lines: aligned, without colours where there is no terminal, nothing on standard output", () => {
    const lines = ended.stderr.split("\n").filter((line) => / s$/.test(line));
    expect(lines.length).toBeGreaterThan(8);
    expect(new Set(lines.map((line) => line.length)).size).toBe(1);
    expect(ended.stderr).not.toContain("\u001b");
    expect(ended.stderr).toContain("Changes that are not committed are not part of it.");
    expect(ended.stdout).toBe("");
  });

  it("gives a change that git applies, and the tests pass with it", async () => {
    const copy = await mkdtemp(join(stage.folder, "copy-"));
    git(stage.folder, "clone", "--quiet", repository, copy);
    git(copy, "apply", join(stage.folder, "out/fix.patch"));
    expect(git(copy, "status", "--porcelain")).toBe("M sum.js\n?? test/add.test.js");
    expect(() => execFileSync(process.execPath, ["--test"], { cwd: copy })).not.toThrow();
  });

  it("writes evidence and a report without an issue or pull request of its own", async () => {
    const evidence = JSON.parse(
      await readFile(join(stage.folder, "out/evidence/evidence.json"), "utf8"),
    );
    expect(evidence).toMatchObject({ verdict: "verified", repository: "toy", issueNumber: null });
    const report = await readFile(join(stage.folder, "out/evidence/report.md"), "utf8");
    expect(report).toMatch(/^✅ \*\*Verified/);
    expect(report).not.toMatch(/Fixes #|draft/);
  });

  it("writes figures for programs, without issue and pull request", async () => {
    const figures = JSON.parse(await readFile(join(stage.folder, "out.json"), "utf8"));
    expect(figures).toMatchObject({
      run: { state: "proposed", outcome: "verified", turns: 4 },
      evidence: {
        verdict: "verified",
        failToPass: ["test/add.test.js > adds two numbers"],
        passToPass: 1,
        passToFail: 0,
      },
      sandbox: { provider: "docker", networkMode: "none" },
      model: { name: "scripted", scripted: true },
    });
    expect(figures.run.phasesMs).toHaveProperty("verify");
    expect(Object.keys(figures)).not.toContain("pullRequest");
  });

  it("leaves the working copy as it was, to the last byte and time", async () => {
    expect(await snapshot(repository)).toBe(before);
  });
});

describe("a run that is cut short", () => {
  const reached = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  /** The third answer doesn't come before it is let go. */
  const script: readonly ScriptedTurn[] = TOY_SCRIPT.map((turn, index) => {
    if (index !== 2) return turn;
    return async () => {
      reached.resolve();
      await released.promise;
      return turn;
    };
  });

  it("goes on where it was, after Ctrl-C and after a kill, and asks the model nothing twice", async () => {
    const repository = await stage.repository("cut");
    const model = await stage.model(script);
    const start = (...more: string[]) => stage.run(model, [repository, TOY_ISSUE.title, ...more]);

    const first = start();
    await reached.promise;
    expect(await containers()).not.toEqual([]);
    const second = await start().ended;
    expect(second.code).toBe(1);
    expect(second.stderr).toContain("Another dunlin run works on this very task now. Wait for");

    first.child.kill("SIGINT");
    const interrupted = await first.ended;
    expect(interrupted.code).toBe(130);
    expect(interrupted.stderr).toMatch(/The same command goes on where this stopped\.\n$/);
    await nothingLeft();
    await expect(
      stat(join(stage.folder, "data/postgres/cluster-18/postmaster.pid")),
    ).rejects.toThrow();

    const asked = model.requests.length;
    const third = start();
    await vi.waitFor(() => expect(model.requests.length).toBeGreaterThan(asked), 300_000);
    third.child.kill("SIGKILL");
    await third.ended;
    await nothingLeft();

    released.resolve();
    const last = await start("--apply").ended;
    expect(last.stderr).toContain("(done before)");
    expect(last.stderr).toContain("The change is applied to the working copy");
    expect(last.code).toBe(0);
    expect(git(repository, "status", "--porcelain")).toBe("M sum.js\n?? test/add.test.js");
    // The third request was sent thrice, because its answer had never come; all others once.
    expect(model.requests.map(turnOf)).toEqual([1, 2, 3, 3, 3, 4]);
  });
});

/** Soon after the process is gone; others may be at work beside it. */
async function nothingLeft(): Promise<void> {
  await vi.waitFor(async () => expect(await containers()).toEqual([]), {
    timeout: 60_000,
    interval: 300,
  });
}

/** Those that show files of this stage. */
async function containers() {
  const all = await docker.listContainers({ all: true, filters: { label: ["dunlin=1"] } });
  return all.filter(({ Mounts }) => Mounts.some(({ Source }) => Source.startsWith(stage.folder)));
}

function turnOf({ body }: { readonly body: string }): number {
  const { messages } = JSON.parse(body) as { messages: { role: string }[] };
  return messages.filter(({ role }) => role === "assistant").length + 1;
}

describe("the exit code", () => {
  it("is 3 for a change that isn't proven, which --apply doesn't apply", async () => {
    const repository = await stage.repository("unproven");
    const [look, , fix] = TOY_SCRIPT;
    const submit = {
      calls: [
        {
          tool: "submit",
          input: {
            root_cause: "The wrong operator.",
            summary: "add adds.",
            reproduction_tests: [],
            no_test_reason: "It is plain.",
          },
        },
      ],
    };
    const model = await stage.model([look ?? {}, fix ?? {}, submit]);
    const ended = await stage.run(model, [repository, "add subtracts", "--apply"]).ended;
    expect(ended.stderr).toContain("No regression found, nothing proven.");
    expect(ended.stderr).toContain("The change is not applied, because it is not verified.");
    expect(ended.stdout).toContain("+  return a + b;");
    expect(git(repository, "status", "--porcelain")).toBe("");
    expect(ended.code).toBe(3);
  });

  it("is 4 when it gives up, with the question", async () => {
    const repository = await stage.repository("question");
    const question = "Should add subtract?";
    const model = await stage.model([
      { calls: [{ tool: "give_up", input: { kind: "needs_info", question } }] },
    ]);
    const ended = await stage.run(model, [repository, "add subtracts"]).ended;
    expect(ended.stderr).toContain("Dunlin gave up.");
    expect(ended.stderr).toContain(question);
    expect(ended.stderr).toContain("Next: put the answer into the task, then run it again.");
    expect(ended.code).toBe(4);
  });

  it("is 5 when a limit is reached, and the work so far is kept", async () => {
    const repository = await stage.repository("limit");
    const model = await stage.model(TOY_SCRIPT);
    const ended = await stage.run(model, [repository, "add subtracts"], { DUNLIN_RUN_TURNS: "2" })
      .ended;
    expect(ended.stderr).toContain("A limit was reached");
    expect(ended.stdout).toContain("+++ b/test/add.test.js");
    expect(ended.code).toBe(5);
  });
});
