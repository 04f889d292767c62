import { describe, expect, it } from "vitest";
import type { Gate } from "../../../src/evidence/gate.ts";
import { classify } from "../../../src/evidence/tests/classify.ts";
import type { Case } from "../../fakes/judged.ts";
import { changed, good, judged } from "../../fakes/judged.ts";
import { suiteRun } from "../../fakes/suite-run.ts";

const block: Gate = {
  id: "nothing-skipped",
  result: "block",
  detail: "d",
  path: "t/a.js",
  line: 1,
  finding: null,
};

describe("verified", () => {
  it.each<[string, Case]>([
    ["an added test fails on the base by assertion", good],
    [
      "an added test fails on the base by exception",
      { ...good, onBase: { "t/new.js > bug": "exception" } },
    ],
    [
      "a changed test fails on the base with the patch's version",
      {
        first: { "t/a.js > one": "pass" },
        onBase: { "t/a.js > one": "assertion" },
        head: { "t/a.js > one": "pass" },
        touched: changed,
      },
    ],
    [
      "an untouched test fails twice on the base",
      {
        first: { "t/a.js > one": "assertion", "t/a.js > two": "pass" },
        head: { "t/a.js > one": "pass", "t/a.js > two": "pass" },
      },
    ],
    [
      "tests that the base fails for other reasons stay as they are",
      {
        ...good,
        first: { "t/a.js > one": "pass", "t/b.js > old": "assertion" },
        head: { "t/a.js > one": "pass", "t/b.js > old": "assertion", "t/new.js > bug": "pass" },
      },
    ],
    [
      "a flaky test fails on the head",
      {
        ...good,
        first: { "t/a.js > one": "pass", "t/b.js > f": "pass" },
        second: { "t/a.js > one": "pass", "t/b.js > f": "timeout" },
        head: { "t/a.js > one": "pass", "t/b.js > f": "timeout", "t/new.js > bug": "pass" },
      },
    ],
    [
      "the runner tells no files, and the test is new",
      {
        first: { one: "pass" },
        onBase: { bug: "assertion", one: "pass" },
        head: { one: "pass", bug: "pass" },
        touched: changed,
      },
    ],
    [
      "the runner tells no files, and the patch's version fails on the base",
      {
        first: { one: "pass" },
        onBase: { one: "exception" },
        head: { one: "pass" },
        touched: changed,
      },
    ],
    ["a gate only flags", { ...good, gates: [{ ...block, result: "flag" }] }],
  ])("when %s", (_, one) => {
    expect(judged(one)).toMatchObject({ verdict: "verified", reasons: [] });
  });
});

describe("unverified", () => {
  it.each<[string, Case]>([
    ["base-incomplete", { ...good, facts: { second: { end: "timeout", exitCode: null } } }],
    ["base-incomplete", { ...good, facts: { first: { end: "oom", exitCode: null } } }],
    ["head-incomplete", { ...good, facts: { head: { end: "killed", exitCode: null } } }],
    ["report-cut-short", { ...good, facts: { head: { integrity: { ended: false, foreign: 0 } } } }],
    ["report-forged", { ...good, facts: { head: { integrity: { ended: true, foreign: 2 } } } }],
    ["no-tests-reported", { ...good, first: {} }],
    [
      "fewer-tests",
      {
        ...good,
        first: { "t/a.js > one": "pass", "t/b.js > f": "pass", "t/b.js > g": "pass" },
        second: { "t/a.js > one": "pass", "t/b.js > f": "assertion", "t/b.js > g": "assertion" },
      },
    ],
    ["regression", { ...good, head: { "t/a.js > one": "assertion", "t/new.js > bug": "pass" } }],
    ["skipped", { ...good, head: { "t/a.js > one": "skip", "t/new.js > bug": "pass" } }],
    [
      "skipped",
      {
        ...good,
        first: { "t/a.js > one": "pass", "t/b.js > old": "assertion" },
        head: { "t/a.js > one": "pass", "t/b.js > old": "skip", "t/new.js > bug": "pass" },
      },
    ],
    ["removed", { ...good, head: { "t/new.js > bug": "pass" } }],
    ["new-failure", { ...good, head: { ...good.head, "t/new.js > other": "assertion" } }],
    ["unexplained-exit", { ...good, facts: { head: { exitCode: 1 } } }],
    [
      "unexplained-exit",
      {
        first: { "t/a.js > one": "assertion" },
        head: { "t/a.js > one": "pass" },
        facts: { head: { exitCode: 1 } },
      },
    ],
    ["gate", { ...good, gates: [block] }],
  ])("by rule %s", (id, one) => {
    expect(judged(one).verdict).toBe("unverified");
    expect(judged(one).reasons.map((reason) => reason.id)).toContain(id);
  });

  it("has exactly one reason for one fault, so that each rule counts", () => {
    const faults: readonly Case[] = [
      { ...good, facts: { head: { end: "killed", exitCode: null } } },
      { ...good, head: { "t/a.js > one": "assertion", "t/new.js > bug": "pass" } },
      { ...good, facts: { head: { exitCode: 1 } } },
      { ...good, gates: [block] },
      {
        ...good,
        first: { "t/a.js > one": "pass", "t/b.js > f": "pass", "t/b.js > g": "pass" },
        second: { "t/a.js > one": "pass", "t/b.js > f": "assertion", "t/b.js > g": "assertion" },
      },
    ];
    for (const fault of faults) expect(judged(fault).reasons).toHaveLength(1);
  });

  it("accepts an exit code that the base gave as well without a failing test", () => {
    const exit = { exitCode: 1 };
    expect(judged({ ...good, facts: { first: exit, second: exit, head: exit } }).verdict).toBe(
      "verified",
    );
  });
});

describe("weak proof", () => {
  it.each(["import", "syntax", "missing-file", "timeout", "unknown"] as const)(
    "is a base failure by %s",
    (reason) => {
      expect(judged({ ...good, onBase: { "t/new.js > bug": reason } }).verdict).toBe(
        "verified_weak",
      );
      const existing: Case = {
        first: { "t/a.js > one": reason },
        head: { "t/a.js > one": "pass" },
      };
      expect(judged(existing).verdict).toBe("verified_weak");
    },
  );

  it("is an untouched test that failed by itself in only one run of the base", () => {
    const first = { "t/a.js > one": "assertion" } as const;
    const second = { "t/a.js > one": "timeout" } as const;
    const head = { "t/a.js > one": "pass" } as const;
    expect(judged({ first, second, head }).verdict).toBe("verified_weak");
    expect(judged({ first: second, second: first, head }).verdict).toBe("verified_weak");
  });

  it("is a new file that could not be loaded on the base", () => {
    const one = judged({ ...good, onBase: { "t/new.js > (file)": "import" } });
    expect(one.verdict).toBe("verified_weak");
    expect(one.tests.failToPass).toMatchObject([
      {
        origin: "added",
        strength: "weak",
        base: { run: "R1", reason: "import", message: "didn't run: import in (file)" },
      },
    ]);
  });

  it("is an existing file that could not be loaded on the base, and isn't called removed", () => {
    const one = judged({
      first: { "t/a.js > (file)": "import", "t/b.js > two": "pass" },
      head: { "t/a.js > one": "pass", "t/b.js > two": "pass" },
    });
    expect(one).toMatchObject({ verdict: "verified_weak", tests: { removed: [] } });
  });

  it("is a new test when the base's run hung", () => {
    const one = judged({
      ...good,
      onBase: {},
      facts: { onBase: { end: "timeout", exitCode: null } },
    });
    expect(one.verdict).toBe("verified_weak");
    expect(one.tests.failToPass[0]?.base.reason).toBe("timeout");
  });

  it("is an untouched test when the patch changes what tests read", () => {
    const fixture = { paths: ["test/fixtures/a.json"], existing: ["test/fixtures/a.json"] };
    const one: Case = {
      first: { "t/a.js > one": "assertion" },
      head: { "t/a.js > one": "pass" },
      touched: fixture,
    };
    expect(judged(one).verdict).toBe("verified_weak");
  });

  it("gives way to one strong proof", () => {
    const one: Case = {
      ...good,
      onBase: { "t/new.js > bug": "assertion", "t/new.js > other": "import" },
      head: { ...good.head, "t/new.js > other": "pass" },
    };
    expect(judged(one).verdict).toBe("verified");
  });
});

describe("no proof", () => {
  it.each<[string, Case]>([
    [
      "the patch has no test",
      { first: { "t/a.js > one": "pass" }, head: { "t/a.js > one": "pass" } },
    ],
    ["the new test passes on the base as well", { ...good, onBase: { "t/new.js > bug": "pass" } }],
    ["the new test is skipped on the base", { ...good, onBase: { "t/new.js > bug": "skip" } }],
    ["the new test hides on the base", { ...good, onBase: { "t/new.js > else": "pass" } }],
    [
      "a test of the patch fails on the base only as it was before",
      {
        first: { "t/a.js > one": "assertion" },
        onBase: { "t/a.js > one": "pass" },
        head: { "t/a.js > one": "pass" },
        touched: changed,
      },
    ],
    [
      "a flaky test happens to pass",
      {
        first: { "t/a.js > one": "assertion" },
        second: { "t/a.js > one": "pass" },
        head: { "t/a.js > one": "pass" },
      },
    ],
    [
      "a new test comes from a file that the patch doesn't hold",
      { ...good, touched: { paths: ["t/a.js"], existing: ["t/a.js"] } },
    ],
  ])("when %s", (_, one) => {
    expect(judged(one)).toMatchObject({
      verdict: "verified_no_new_test",
      tests: { failToPass: [] },
    });
  });
});

it("counts a test reported twice as its worst result", () => {
  const twice = suiteRun({ "t/a.js > one": "pass" });
  const worse = suiteRun({ "t/a.js > one": "assertion" });
  const head = { ...twice, tests: [...worse.tests, ...twice.tests] };
  const tests = classify(
    {
      first: twice,
      second: twice,
      onBase: null,
      onBaseVaried: null,
      onBaseData: null,
      alone: [],
      head,
      again: [],
      old: null,
    },
    { paths: [], existing: [] },
  );
  expect(tests.passToFail.map((test) => test.key.name)).toEqual(["one"]);
});

it("gives the same result whatever the order of the tests", () => {
  const names = ["t/b.js > two", "t/a.js > one", "t/c.js > three"];
  const of = (order: readonly string[]) =>
    judged({ first: {}, head: Object.fromEntries(order.map((name) => [name, "assertion"])) });
  expect(of(names)).toEqual(of(names.toReversed()));
});
