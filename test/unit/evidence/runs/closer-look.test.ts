import { describe, expect, it } from "vitest";
import type { Project } from "../../../../src/check/project.ts";
import type { SuiteRun } from "../../../../src/check/suite.ts";
import { Failure } from "../../../../src/errors.ts";
import type { SideChecks } from "../../../../src/evidence/checks.ts";
import { prove } from "../../../../src/evidence/matrix.ts";
import type { MatrixPorts } from "../../../../src/evidence/runs/fresh-sandbox.ts";
import type { FileChange } from "../../../../src/workspace/patch.ts";
import { facts } from "../../../fakes/evidence-facts.ts";
import { FIX, patch, TEST, world, write } from "../../../fakes/matrix-world.ts";
import { suiteRun } from "../../../fakes/suite-run.ts";

const project: Project = {
  packageManager: "npm",
  test: { command: "npm test", runner: "tap" },
  findings: [],
};
const passing = suiteRun({ "test/a.js > one": "pass" });
const baseline = { first: passing, second: passing };
const EXTRA = write("more.js", "extra();\n");
const bug = { file: "test/new.js", name: "bug", ordinal: 1 };

function proveIn(
  ports: MatrixPorts,
  changes: readonly FileChange[],
  more: { readonly project?: Project; readonly baseChecks?: SideChecks } = {},
) {
  const { signal } = new AbortController();
  const options = { project, timeoutMs: 60_000, atOnce: 1, signal, facts, baseline, ...more };
  return prove(ports, { ...options, patch: patch(...changes) });
}

/** The same world, with another answer for runs of certain trees. */
function odd(
  answer: (nth: number, files: ReadonlyMap<string, Uint8Array> | undefined) => SuiteRun | undefined,
) {
  const { ports, made, ...rest } = world();
  let inSandbox = "";
  let nth = 0;
  const runSuite: MatrixPorts["runSuite"] = async (sandbox, ...more) => {
    nth = sandbox.id === inSandbox ? nth + 1 : 1;
    inSandbox = sandbox.id;
    const suite = await ports.runSuite(sandbox, ...more);
    const isRevert = Number(sandbox.id) === 3;
    return (isRevert ? answer(nth, made[3]?.files) : undefined) ?? suite;
  };
  return { ...rest, made, ports: { ...ports, runSuite } };
}

describe("hunks taken back", () => {
  it("tell which tests need them, one sandbox for all, everything in place again at the end", async () => {
    const { ports, made, ran } = world();
    const evidence = await proveIn(ports, [FIX, EXTRA, TEST]);
    expect(evidence.hunks).toEqual([
      { path: "index.js", line: 1, lines: 1, neededBy: [bug], note: null },
      { path: "more.js", line: 1, lines: 1, neededBy: [], note: null },
    ]);
    expect(ran.filter(({ sandbox }) => sandbox === 3)).toHaveLength(3);
    const files = made[3]?.files ?? new Map();
    const text = (path: string) => new TextDecoder().decode(files.get(path));
    expect([text("index.js"), text("more.js")]).toEqual(["fixed", "extra();\n"]);
    expect(
      evidence.commands.filter(({ id }) => id.startsWith("R5")).map((one) => one.tree),
    ).toEqual([
      "head without index.js:1",
      "head without more.js:1",
      "head, all parts in place again",
    ]);
    expect(evidence.verdict).toBe("verified");
  });

  it("claim nothing when the tests fail with the whole change as well", async () => {
    const { ports } = odd((nth) =>
      nth === 3 ? suiteRun({ "test/new.js > bug": "assertion" }) : undefined,
    );
    const { hunks, verdict } = await proveIn(ports, [FIX, EXTRA, TEST]);
    expect(hunks[0]).toMatchObject({
      neededBy: null,
      note: expect.stringContaining("can't be told"),
    });
    expect(hunks[1]).toMatchObject({ neededBy: [] });
    expect(verdict).toBe("verified");
  });

  it("are needed by tests that hang or don't run without them", async () => {
    const { ports } = odd((nth) =>
      nth === 1 ? suiteRun({}, { end: "timeout", exitCode: null }) : undefined,
    );
    const { hunks } = await proveIn(ports, [FIX, EXTRA, TEST]);
    expect(hunks.map(({ neededBy }) => neededBy)).toEqual([[bug], []]);
  });

  it("stop when the time for them is over, or the sandbox ended", async () => {
    const slow = odd(() => suiteRun({ "test/new.js > bug": "pass" }, { durationMs: 60_000 }));
    const late = await proveIn(slow.ports, [FIX, EXTRA, TEST]);
    expect(late.hunks.map(({ note }) => note)).toEqual([
      null,
      "Not tried: the time for it was over.",
    ]);
    const full = odd(() => suiteRun({}, { end: "oom", exitCode: null }));
    const ended = await proveIn(full.ports, [FIX, EXTRA, TEST]);
    expect(ended.hunks).toMatchObject([
      { neededBy: [bug] },
      { neededBy: null, note: "Not tried: the sandbox ended in the trial before." },
    ]);
  });

  it("never cost the verdict when they can't be tried", async () => {
    const { ports } = odd(() => {
      throw new Failure("limit-reached", "report-too-large", "The report is too large.");
    });
    const evidence = await proveIn(ports, [FIX, TEST]);
    expect(evidence.verdict).toBe("verified");
    expect(evidence.hunks[0]?.note).toBe("Not tried: The report is too large.");
  });

  it("are left alone when nothing fails without the change, or the change is unverified anyway", async () => {
    const without = world();
    expect((await proveIn(without.ports, [FIX])).hunks).toMatchObject([{ neededBy: null }]);
    expect(without.ran).toHaveLength(1);
    const skipped = world();
    const change = write("test/a.js", "test.skip('one', (t) => {\n});\n");
    const evidence = await proveIn(skipped.ports, [FIX, change, TEST]);
    expect(evidence).toMatchObject({ verdict: "unverified", hunks: [] });
    expect(evidence.commands.some(({ id }) => id.startsWith("R5"))).toBe(false);
  });
});

describe("changed lines", () => {
  const one = { ran: [], missed: [], doubt: null };

  it("are all seen in the patch's tests, or in the whole suite", async () => {
    const near = world(undefined, undefined, (wanted) => ({
      tools: ["V8"],
      files: wanted.map(({ path, lines }) => ({ ...one, path, ran: lines })),
    }));
    const evidence = await proveIn(near.ports, [FIX, TEST]);
    expect(near.covered).toEqual(["4 test/new.js"]);
    expect(evidence.coverage).toMatchObject({ changedLines: 1, coveredLines: 1, uncovered: [] });
    const far = world(undefined, undefined, (wanted, only) => ({
      tools: ["V8"],
      files: wanted.map(({ path, lines }) =>
        only === undefined ? { ...one, path, ran: lines } : { ...one, path, missed: lines },
      ),
    }));
    const whole = await proveIn(far.ports, [FIX, TEST]);
    expect(far.covered).toEqual(["4 test/new.js", "4 all"]);
    expect(whole.coverage).toMatchObject({ tool: "V8", coveredLines: 1, uncovered: [] });
  });

  it("that no test runs are named, those of files that were never loaded too", async () => {
    const { ports } = world(undefined, undefined, () => ({
      tools: ["V8"],
      files: [
        { ...one, path: "index.js", ran: [1] },
        { ...one, path: "more.js" },
      ],
    }));
    expect((await proveIn(ports, [FIX, EXTRA, TEST])).coverage).toMatchObject({
      changedLines: 2,
      coveredLines: 1,
      uncovered: [{ path: "more.js", lines: [1] }],
      unknown: [],
    });
  });

  it("are not said to be untested when nothing could be watched", async () => {
    const blind = await proveIn(world().ports, [FIX, TEST]);
    expect(blind.coverage).toEqual({ notMeasured: "No process of the tests could be watched." });
    const built = world(undefined, undefined, () => ({
      tools: ["V8"],
      files: [{ ...one, path: "index.js" }],
    }));
    expect((await proveIn(built.ports, [FIX, TEST])).coverage).toMatchObject({
      changedLines: 0,
      uncovered: [],
      unknown: [{ path: "index.js" }],
    });
  });
});

describe("build, types and lint", () => {
  const full: Project = { ...project, build: "make", types: "tsc", lint: "eslint" };

  it("run on base and head in the same order, each with what is new about it", async () => {
    const { ports, commands } = world();
    const says = write("(tsc says)", "a.ts: error TS1: old\na.ts: error TS2: new\n");
    const evidence = await proveIn(ports, [FIX, TEST, says], { project: full });
    expect(commands.map((one) => one.split(" ")[1])).toEqual(
      "make tsc eslint make tsc eslint".split(" "),
    );
    expect(evidence.checks.types).toMatchObject({
      command: "tsc",
      base: { exitCode: 0 },
      head: { exitCode: 2 },
      news: ["a.ts: error TS1: old", "a.ts: error TS2: new"],
    });
    expect(evidence.checks.lint).toMatchObject({ news: [], head: { exitCode: 0 } });
    expect(evidence.verdict).toBe("verified");
    expect(
      evidence.commands
        .filter(({ id }) => id.startsWith("R6"))
        .map((one) => `${one.id} ${one.tree}`),
    ).toEqual([
      "R6a base, build",
      "R6b base, types",
      "R6c base, lint",
      "R6d head, build",
      "R6e head, types",
      "R6f head, lint",
    ]);
  });

  it("leave the base's half out where it is known, and know what it complained about", async () => {
    const { ports, commands } = world();
    const known = {
      command: "tsc",
      end: "exit" as const,
      exitCode: 2,
      durationMs: 5,
      logTail: "",
      logSha256: "a".repeat(64),
      diagnostics: ["a.ts: error TS1: old"],
    };
    const says = write("(tsc says)", "a.ts: error TS1: old\na.ts: error TS1: old\n");
    const evidence = await proveIn(ports, [FIX, TEST, says], {
      project: { ...project, types: "tsc" },
      baseChecks: { build: null, types: known, lint: null },
    });
    expect(commands).toHaveLength(1);
    expect(evidence.checks.types?.news).toEqual(["a.ts: error TS1: old"]);
    expect(evidence.checks.build).toBeNull();
  });

  it("make a change unverified that can't be built any more", async () => {
    const says = write("(make says)", "broken");
    const evidence = await proveIn(world().ports, [FIX, TEST, says], { project: full });
    expect(evidence).toMatchObject({ verdict: "unverified", reasons: [{ id: "build" }] });
  });

  it("don't, when the base couldn't be built either", async () => {
    const { ports } = world();
    const runCommand: MatrixPorts["runCommand"] = async (...given) => ({
      ...(await ports.runCommand(...given)),
      exitCode: 2,
    });
    const evidence = await proveIn({ ...ports, runCommand }, [FIX, TEST], { project: full });
    expect(evidence.verdict).toBe("verified");
  });
});
