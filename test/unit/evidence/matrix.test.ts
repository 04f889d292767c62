import { describe, expect, it } from "vitest";
import type { Project } from "../../../src/check/project.ts";
import { Failure } from "../../../src/errors.ts";
import { prove } from "../../../src/evidence/matrix.ts";
import { readEvidence } from "../../../src/evidence/read-evidence.ts";
import { baselineProblem, runBaseline } from "../../../src/evidence/runs/baseline.ts";
import type { MatrixPorts } from "../../../src/evidence/runs/fresh-sandbox.ts";
import type { FileChange } from "../../../src/workspace/patch.ts";
import { facts } from "../../fakes/evidence-facts.ts";
import { BASE, bytes, FIX, patch, TEST, world, write } from "../../fakes/matrix-world.ts";
import { suiteRun } from "../../fakes/suite-run.ts";

const project: Project = {
  packageManager: "npm",
  test: { command: "npm test", runner: "tap" },
  findings: [],
};
const run = (signal = new AbortController().signal) => ({
  project,
  timeoutMs: 60_000,
  atOnce: 1,
  signal,
});
const baseline = {
  first: suiteRun({ "test/a.js > one": "pass" }),
  second: suiteRun({ "test/a.js > one": "pass" }),
};

describe("the baseline", () => {
  it("runs the whole suite in two sandboxes, without a network, and destroys both", async () => {
    const { ports, made, ran } = world();
    const found = await runBaseline(ports, run());
    expect(ran).toEqual([
      { sandbox: 0, files: undefined, zone: undefined },
      { sandbox: 1, files: undefined, zone: undefined },
    ]);
    expect(made.map(({ destroyed, egress }) => ({ destroyed, egress }))).toEqual([
      { destroyed: true, egress: "none" },
      { destroyed: true, egress: "none" },
    ]);
    expect(JSON.parse(JSON.stringify(found))).toEqual(found);
    expect(baselineProblem(found)).toBeUndefined();
  });

  it("says what is wrong with a suite that can't run at all", () => {
    const hung = suiteRun({}, { end: "timeout", exitCode: null });
    expect(baselineProblem({ first: hung, second: hung })).toContain("did not run to its end");
    const broken = suiteRun({}, { exitCode: 127 });
    expect(baselineProblem({ first: broken, second: broken })).toContain("exited with 127");
    const failing = suiteRun({ one: "assertion" });
    expect(baselineProblem({ first: failing, second: failing })).toBeUndefined();
  });
});

function isAsItWas(test: Uint8Array | undefined): boolean {
  return new TextDecoder().decode(test) === BASE["test/a.js"];
}

describe("the proof", () => {
  it("runs the patch's tests without and with the fix, and the whole suite, each tree in its own sandbox", async () => {
    const { ports, made, ran } = world();
    const progress: string[] = [];
    const evidence = await prove(ports, {
      ...run(),
      baseline,
      patch: patch(FIX, TEST),
      facts,
      onProgress: (line) => progress.push(line),
    });
    const [east, west] = ["Pacific/Kiritimati", "Pacific/Niue"];
    const files = ["test/new.js"];
    expect(ran).toEqual([
      { sandbox: 0, files, zone: undefined },
      { sandbox: 0, files, zone: east },
      { sandbox: 1, files, zone: undefined },
      { sandbox: 1, files, zone: east },
      { sandbox: 1, files, zone: west },
      { sandbox: 2, files: undefined, zone: undefined },
      { sandbox: 3, files, zone: undefined },
      { sandbox: 3, files, zone: undefined },
    ]);
    expect([...(made[0]?.files.keys() ?? [])]).toEqual(["index.js", "test/a.js", "test/new.js"]);
    expect(new TextDecoder().decode(made[0]?.files.get("index.js"))).toBe("buggy");
    expect(made.every((sandbox) => sandbox.destroyed && sandbox.egress === "none")).toBe(true);
    expect(evidence.verdict).toBe("verified");
    expect(evidence.commands.map((command) => command.id)).toEqual(
      "R0a R0b R1a R1b R2 R3a R3b R3c R5a R5b R2b R2c".split(" "),
    );
    expect(evidence.refusals.map(({ command, count }) => [command, count])).toEqual([
      ["npm test 0", 2],
      ["npm test 1", 2],
      ["npm test 2", 2],
      ["npm test 3", 2],
      ["npm test 4", 2],
    ]);
    expect(progress).toEqual([
      "running the patch's tests on the base",
      "running the patch's tests on the head, three times",
      "running the whole suite on the head",
      "running the tests without each part of the change",
      "seeing which changed lines the tests run",
    ]);
  });

  it("installs what a change of dependencies asks for, before the head's tests only, and lists it", async () => {
    const { ports, made } = world();
    const manifest = write("package.json", '{"dependencies":{"left-pad":"1.3.0"}}');
    const evidence = await prove(ports, {
      ...run(),
      baseline,
      patch: patch(FIX, manifest, TEST),
      facts,
    });
    const asked = made.map(({ files }) => files.get("(installed for)"));
    const wanted = bytes('{"dependencies":{"left-pad":"1.3.0"}}');
    // The patch's data on the base run with the packages of the base.
    expect(asked).toEqual([undefined, wanted, undefined, wanted, wanted]);
    expect(evidence.dependencies).toEqual([
      { path: "package.json", name: "left-pad", from: null, to: "1.3.0" },
    ]);
    const without = world();
    await prove(without.ports, { ...run(), baseline, patch: patch(FIX, TEST), facts });
    expect(without.made.some(({ files }) => files.has("(installed for)"))).toBe(false);
  });

  it("is plain JSON that can be read back, and the same each time", async () => {
    const one = await prove(world().ports, { ...run(), baseline, patch: patch(FIX, TEST), facts });
    const two = await prove(world().ports, { ...run(), baseline, patch: patch(FIX, TEST), facts });
    expect(JSON.stringify(one)).toBe(JSON.stringify(two));
    expect(readEvidence(JSON.parse(JSON.stringify(one)))).toEqual(one);
  });

  it("leaves R1 out when the patch adds no test", async () => {
    const { ports, ran } = world();
    const evidence = await prove(ports, {
      ...run(),
      baseline,
      patch: patch(FIX, write("test/fixtures/a.json", "{}")),
      facts,
    });
    expect(ran).toHaveLength(1);
    expect(evidence).toMatchObject({
      verdict: "verified_no_new_test",
      tests: { counts: { onBase: null } },
    });
  });

  it("runs the base's own tests on the head when the patch changes them", async () => {
    const { ports, made, ran } = world();
    const changed = write("test/a.js", "test('one', (t) => {\n  t.ok(2);\n});\n");
    const evidence = await prove(ports, {
      ...run(),
      baseline,
      patch: patch(FIX, changed, TEST),
      facts,
    });
    expect(evidence.commands.find(({ id }) => id === "R4")?.tree).toBe(
      "head with the base's tests",
    );
    const whole = ran.filter(({ files }) => files === undefined);
    const files = made[whole[1]?.sandbox ?? 0]?.files;
    const text = (path: string) => new TextDecoder().decode(files?.get(path));
    expect([text("index.js"), text("test/a.js")]).toEqual(["fixed", BASE["test/a.js"]]);
    expect(files?.has("test/new.js")).toBe(false);
    expect(evidence.tests).toMatchObject({ oldToFail: [], counts: { old: { total: 1, pass: 1 } } });
  });

  it("runs a test of the base again that passes only now", async () => {
    const { ports, ran } = world();
    const failed = suiteRun({ "test/a.js > one": "assertion" });
    const evidence = await prove(ports, {
      ...run(),
      baseline: { first: failed, second: failed },
      patch: patch(FIX),
      facts,
    });
    expect(evidence.verdict).toBe("verified");
    expect(ran.map(({ files, zone }) => [files, zone])).toEqual([
      [undefined, undefined],
      [["test/a.js"], undefined],
      [["test/a.js"], "Pacific/Kiritimati"],
      [["test/a.js"], "Pacific/Niue"],
      [["test/a.js"], undefined],
    ]);
  });

  it("sees what the patch does to the tests that the base has", async () => {
    const loosened = write("test/a.js", "test.skip('one', (t) => {\n});\n");
    const evidence = await prove(world(undefined, isAsItWas).ports, {
      ...run(),
      baseline,
      patch: patch(FIX, loosened, TEST),
      facts,
    });
    expect(evidence.verdict).toBe("unverified");
    const blocked = evidence.gates.filter((gate) => gate.result === "block").map((gate) => gate.id);
    expect(blocked).toEqual(["nothing-skipped", "assertions-kept"]);
  });

  it.each<[string, string, "verified" | "unverified"]>([
    ["asks for the same in other words", "t.equal(1, 1);", "verified"],
    ["asks for nothing any more", "", "unverified"],
  ])("lets a test be rewritten that passes as it was, and that %s", async (_, body, verdict) => {
    const rewritten = write("test/a.js", `test('one', (t) => {\n  ${body}\n});\n`);
    const change = patch(FIX, rewritten, TEST);
    const options = { ...run(), baseline, patch: change, facts };
    const evidence = await prove(world().ports, options);
    expect(evidence.verdict).toBe(verdict);
    const [gate] = evidence.gates.filter(({ id }) => id === "assertions-kept");
    expect(gate).toMatchObject({
      result: verdict === "verified" ? "flag" : "block",
      path: "test/a.js",
    });
    const broken = await prove(world(undefined, isAsItWas).ports, options);
    expect(broken.verdict).toBe("unverified");
  });

  it.each<[string, FileChange]>([
    ["a link", { path: "test/a.js", kind: "write", mode: "120000", data: bytes("../index.js") }],
    [
      "bytes",
      { path: "test/a.js", kind: "write", mode: "100644", data: new Uint8Array([0xff, 0xfe, 0]) },
    ],
    ["too much", write("test/a.js", "x".repeat(600_000))],
  ])("does not verify a test file turned into %s", async (_, change) => {
    const evidence = await prove(world().ports, {
      ...run(),
      baseline,
      patch: patch(FIX, change, TEST),
      facts,
    });
    expect(evidence).toMatchObject({ verdict: "unverified", reasons: [{ id: "gate" }] });
  });
});

it("does not verify a test file that was something else on the base", async () => {
  const { ports } = world();
  const folder: MatrixPorts = {
    ...ports,
    freshSandbox: async (signal) => ({
      ...(await ports.freshSandbox(signal)),
      readFile: () => Promise.reject(new Failure("invalid-request", "not-a-file", "A folder.")),
    }),
  };
  const evidence = await prove(folder, { ...run(), baseline, patch: patch(TEST), facts });
  expect(evidence.gates.find((gate) => gate.id === "readable")?.result).toBe("block");
});

describe("lost sandboxes", () => {
  it("are tried once more, and never judged", async () => {
    const { ports, made, ran } = world((nth) => nth === 2);
    const evidence = await prove(ports, { ...run(), baseline, patch: patch(FIX, TEST), facts });
    expect(evidence.verdict).toBe("verified");
    // The one that was lost had run once of twice.
    expect(ran.map((one) => one.sandbox)).toEqual([0, 0, 1, 1, 2, 2, 2, 3, 4, 4]);
    expect(made.every((sandbox) => sandbox.destroyed)).toBe(true);
  });

  it("twice in a row are unavailable, and all are destroyed", async () => {
    const { ports, made } = world(() => true);
    await expect(runBaseline(ports, run())).rejects.toMatchObject({
      kind: "unavailable",
      code: "sandbox-lost",
    });
    expect(made).toHaveLength(2);
    expect(made.every((sandbox) => sandbox.destroyed)).toBe(true);
  });

  it("are not retried when something else is wrong", async () => {
    const { ports, made } = world();
    const broken = {
      ...ports,
      runSuite: () => Promise.reject(new Failure("invalid-request", "bad", "Bad.")),
    };
    await expect(runBaseline(broken, run())).rejects.toMatchObject({ code: "bad" });
    expect(made.map((sandbox) => sandbox.destroyed)).toEqual([true]);
  });

  it("do not matter to a run that was stopped", async () => {
    const { ports, made } = world();
    const stop = new AbortController();
    const stopped: MatrixPorts = {
      ...ports,
      runSuite: async () => {
        stop.abort();
        return suiteRun({}, { end: "killed", exitCode: null });
      },
    };
    await expect(runBaseline(stopped, run(stop.signal))).rejects.toMatchObject({
      kind: "cancelled",
    });
    expect(made.map((sandbox) => sandbox.destroyed)).toEqual([true]);
  });
});
