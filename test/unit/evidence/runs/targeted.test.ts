import { describe, expect, it } from "vitest";
import type { SuiteRun } from "../../../../src/check/suite.ts";
import { targetedProblem } from "../../../../src/evidence/runs/targeted.ts";
import { suiteRun } from "../../../fakes/suite-run.ts";

const FILES = ["t/new.js"];
const passing = { first: suiteRun({ one: "pass" }), second: suiteRun({ one: "pass" }) };

function problem(onBase: SuiteRun | null, head: SuiteRun, baseline = passing) {
  const again = [{ files: FILES, variation: "usual" as const, suite: head }];
  return targetedProblem(
    { onBase, onBaseVaried: null, onBaseData: null, again, refusals: [] },
    baseline,
  );
}

describe("a patch whose own tests", () => {
  it("show the bug needs the whole suite", () => {
    const base = suiteRun({ "t/new.js > bug": "assertion" });
    expect(problem(base, suiteRun({ "t/new.js > bug": "pass" }))).toBeUndefined();
  });

  it("fail with it needs nothing more, and is told which", () => {
    const failing = suiteRun({ "t/new.js > bug": "assertion", "t/new.js > other": "pass" });
    expect(problem(failing, failing)).toEqual({
      kind: "failure",
      detail: "Tests of the patch fail with it:\n- t/new.js > bug: assertion in bug",
    });
  });

  it("fail as they did before is not blamed for it", () => {
    const failing = suiteRun({ "t/a.js > old": "assertion" });
    const baseline = { first: failing, second: failing };
    expect(problem(failing, failing, baseline)).toBeUndefined();
  });

  it("don't end needs nothing more", () => {
    const hung = suiteRun({}, { end: "timeout", exitCode: null });
    expect(problem(hung, hung)).toMatchObject({ kind: "failure" });
  });

  it("pass without it as well shows nothing", () => {
    const fine = suiteRun({ "t/new.js > bug": "pass" });
    expect(problem(fine, fine)).toMatchObject({ kind: "no-proof" });
  });

  it("pass without it may still mend an old test", () => {
    const fine = suiteRun({ "t/new.js > bug": "pass" });
    const failing = suiteRun({ "t/a.js > old": "assertion" });
    expect(problem(fine, fine, { first: failing, second: failing })).toBeUndefined();
  });

  it("could not be read one by one needs the whole suite", () => {
    expect(problem(suiteRun({}), suiteRun({}))).toBeUndefined();
  });
});
