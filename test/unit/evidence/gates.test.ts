import { describe, expect, it } from "vitest";
import type { ChangedFile } from "../../../src/evidence/gate.ts";
import { judgeGates } from "../../../src/evidence/gates.ts";
import { change, file, found, TAPE, VITEST } from "../../fakes/gate-files.ts";

describe("what passes", () => {
  const more = "\ntest('three', function (t) {\n    t.equal(1, 1);\n    t.end();\n});\n";
  it.each<[string, ChangedFile]>([
    ["a test appended", file("test/a.js", TAPE, TAPE + more)],
    ["a new file", file("test/new.js", null, TAPE)],
    [
      "an assertion added to a test",
      file(
        "test/a.js",
        TAPE,
        change(TAPE, "    t.end();", "    t.equal(argv.y, undefined);\n    t.end();"),
      ),
    ],
    [
      "a test put between others",
      file(
        "a.test.ts",
        VITEST,
        change(
          VITEST,
          '  it("writes"',
          '  it("new", () => {\n    expect(1).toBe(1);\n  });\n\n  it("writes"',
        ),
      ),
    ],
    [
      "other formatting",
      file("a.test.ts", VITEST, VITEST.replace('"x"', "'x'").replace(/ {2}/g, "\t")),
    ],
    [
      "comments",
      file(
        "test/a.js",
        TAPE,
        change(TAPE, "// it's a comment", "// no comment: test.only('x', () => {})"),
      ),
    ],
    [
      "source",
      file(
        "lib/a.js",
        "module.exports = 1",
        "if (process.env.NODE_ENV === 'production') return false && process.argv",
      ),
    ],
    [
      "a words-alike of markers",
      file(
        "test/new.js",
        null,
        "test('a', (t) => { t.equal(list.skip(2).only, page({ skip: 5, only: ['a'] })); });",
      ),
    ],
    [
      "a new snapshot",
      file(
        "t/__snapshots__/a.snap",
        "exports[`a 1`] = `1`;\n",
        "exports[`a 1`] = `1`;\n\nexports[`b 1`] = `2`;\n",
      ),
    ],
    ["a new fixture", file("test/fixtures/a.json", null, "{}")],
    ["the same again", file("a.test.ts", VITEST, `${VITEST}`)],
  ])("%s", (_, one) => {
    expect(found(one)).toEqual([]);
  });

  it("moved and renamed tests keep their assertions, and are shown", () => {
    const [head = "", two = ""] = TAPE.split(/(?=test\("two)/);
    expect(found(file("test/a.js", TAPE, head), file("test/b.js", null, two))).toEqual([
      "existing-tests-unchanged: flag",
    ]);
    const apart = [file("test/a.js", TAPE, null), file("test/b.js", null, head)];
    expect(found(...apart, file("test/c.js", null, two))).toEqual(["tests-kept: flag"]);
    expect(found(...apart)).toContain("tests-kept: block");
    const renamed = change(TAPE, "'one'", "'uno'");
    expect(found(file("test/a.js", TAPE, renamed))).toEqual([
      "existing-tests-unchanged: flag",
      "tests-kept: flag",
    ]);
  });
});

describe("what is loosened", () => {
  it.each<[string, string, string]>([
    ["removed", "    t.equal(argv.x, 4);\n", ""],
    ["commented out", "t.equal(argv.x, 4);", "// t.equal(argv.x, 4);"],
    ["another expected value", "t.equal(argv.x, 4)", "t.equal(argv.x, '4')"],
    ["a weaker matcher", "t.deepEqual(argv, { x: 4, _: [] })", "t.ok(argv)"],
    [
      "made conditional",
      "    t.equal(argv.x, 4);",
      "    if (argv.x) {\n        t.equal(argv.x, 4);\n    }",
    ],
    [
      "put in a function that nobody calls",
      "    t.equal(argv.x, 4);",
      "    () => {\n        t.equal(argv.x, 4);\n    };",
    ],
    ["turned into a text", "t.equal(argv.x, 4);", "'t.equal(argv.x, 4);'"],
    ["made to accept any error", "parse(null), /it's/", "parse(null)"],
  ])("an assertion %s", (_, from, to) => {
    expect(found(file("test/a.js", TAPE, change(TAPE, from, to)))).toContain(
      "assertions-kept: block",
    );
  });

  it.each<[string, string, string]>([
    ["toBe to toBeTruthy", ".toBe(1)", ".toBeTruthy()"],
    ["negated", ".toBe(1)", ".not.toBe(1)"],
    ["not awaited", "await expect", "expect"],
    ["toEqual to toMatchObject", ".toEqual({ a: 1 })", ".toMatchObject({})"],
  ])("expect: %s", (_, from, to) => {
    expect(found(file("a.test.ts", VITEST, change(VITEST, from, to)))).toContain(
      "assertions-kept: block",
    );
  });

  it("an assertion moved from one test to another", () => {
    const moved = change(TAPE, "    t.equal(argv.x, 4);\n", "").replace(
      "t.throws",
      "t.equal(argv.x, 4);\n    t.throws",
    );
    expect(found(file("test/a.js", TAPE, moved))).toContain("assertions-kept: block");
  });

  it("an assertion hidden behind one of the same words elsewhere", () => {
    const wrapped = change(
      TAPE,
      "    t.equal(argv.x, 4);",
      "    if (no) {\n        t.equal(argv.x, 4);\n    }",
    );
    const decoy = `${wrapped}\ntest('new', (t) => {\n    t.equal(argv.x, 4);\n});\n`;
    expect(found(file("test/a.js", TAPE, decoy))).toContain("assertions-kept: block");
  });

  it.each<[string, string, string, string]>([
    [
      "an early return",
      "    t.equal(argv.x, 4);",
      "    return t.end();\n    t.equal(argv.x, 4);",
      "no-way-around: block",
    ],
    [
      "a way past an assertion",
      "    t.equal(argv.x, 4);",
      "    try {\n    t.equal(argv.x, 4);\n    } finally {\n    done();\n    }",
      "no-way-around: block",
    ],
    [
      "a try around",
      "    t.equal(argv.x, 4);",
      "    try {\n    t.equal(argv.x, 4);\n    } catch {}",
      "no-way-around: block",
    ],
    ["dead code", "test('one'", "if (false)\ntest('one'", "no-way-around: block"],
    [
      "dead code by a number",
      "    t.equal(argv.x, 4);",
      "    if (0)\n    t.equal(argv.x, 4);",
      "no-way-around: block",
    ],
    [
      "dead code by and",
      "    t.equal(argv.x, 4);",
      "    false &&\n    t.equal(argv.x, 4);",
      "no-way-around: block",
    ],
    [
      "the process ended",
      "    t.equal(argv.x, 4);",
      "    process.exit(0);\n    t.equal(argv.x, 4);",
      "no-way-around: block",
    ],
    ["the exit code set", "var test", "process.exitCode = 0;\nvar test", "no-way-around: block"],
    ["an exit hook", "var test", "process.on('exit', () => {});\nvar test", "no-way-around: block"],
    [
      "another input",
      "parse(['--x', '4'])",
      "parse(['--x', '5'])",
      "existing-tests-unchanged: flag",
    ],
    ["another import", "require('tape')", "require('./tape')", "existing-tests-unchanged: flag"],
  ])("%s", (_, from, to, expected) => {
    expect(found(file("test/a.js", TAPE, change(TAPE, from, to)))).toContain(expected);
  });

  it("fewer planned assertions", () => {
    const planned = change(TAPE, "    var argv", "    t.plan(3);\n    var argv");
    expect(found(file("test/a.js", planned, planned.replace("plan(3)", "plan(2)")))).toContain(
      "no-way-around: block",
    );
    expect(found(file("test/a.js", planned, planned.replace("plan(3)", "plan(4)")))).toEqual([
      "existing-tests-unchanged: flag",
    ]);
  });
});

describe("whole files", () => {
  it.each<[string, ChangedFile, string]>([
    ["a test file deleted", file("test/a.js", TAPE, null), "tests-kept: block"],
    ["a fixture deleted", file("test/fixtures/a.json", "{}", null), "tests-kept: block"],
    [
      "a fixture changed",
      file("test/fixtures/a.json", "{}", "[]"),
      "existing-tests-unchanged: flag",
    ],
    [
      "a test gone",
      file("test/a.js", TAPE, TAPE.slice(0, TAPE.indexOf('test("two'))),
      "tests-kept: block",
    ],
    [
      "a group gone",
      file(
        "a.test.ts",
        VITEST,
        VITEST.replace('describe("parse", () => {', "{").replace("});\n$", "}"),
      ),
      "tests-kept: block",
    ],
    [
      "a snapshot changed",
      file("t/__snapshots__/a.snap", "exports[`a 1`] = `1`;\n", "exports[`a 1`] = `2`;\n"),
      "snapshots-kept: block",
    ],
    [
      "a snapshot gone",
      file("t/__snapshots__/a.snap", "exports[`a 1`] = `1`;\n", ""),
      "snapshots-kept: block",
    ],
    [
      "the runner's configuration",
      file("vitest.config.ts", "a", "b"),
      "runner-config-unchanged: block",
    ],
    ["a new configuration", file(".mocharc.json", null, "{}"), "runner-config-unchanged: block"],
    ["the manifest", file("package.json", "{}", "[]"), "runner-config-unchanged: block"],
    [
      "a test that became unreadable",
      {
        path: "test/a.js",
        role: "test",
        base: { kind: "text", text: TAPE },
        head: { kind: "opaque", why: "it is a link" },
      },
      "readable: block",
    ],
  ])("%s", (_, one, expected) => {
    expect(found(one)).toContain(expected);
  });
});

describe("a rewritten assertion, when the tests as they were pass with the fix", () => {
  const VALUE = "t.equal(argv.x, 4);";
  const judgedAs = (before: string, after: string) => {
    const base = change(TAPE, VALUE, before);
    const files = [file("test/a.js", base, change(base, before, after))];
    const [gate] = judgeGates(files, { oldTestsHold: true }).filter(
      ({ id }) => id === "assertions-kept",
    );
    return gate?.result;
  };

  it.each([
    [VALUE, "t.equal(argv.x, 5);"],
    ["t.assert.equal(argv.x, 4);", "t.assert.strictEqual(argv.x, 4);"],
    ["t.ok(argv.x);", VALUE],
  ])("%s may become %s, for people to look at", (before, after) => {
    expect(judgedAs(before, after)).toBe("flag");
  });

  it.each([
    [VALUE, "t.ok(argv.x);"],
    ["assert.equal(argv.x, 4);", "assert.ok(true);"],
    ["assert.equal(argv.x, 4);", "assert(argv.x);"],
    ["t.assert.equal(argv.x, 4);", "t.assert(argv.x);"],
    ["assert.deepEqual(argv, {});", "assert.notEqual(argv, 1);"],
    ["expect(argv.x).toBe(4);", "expect(argv.x).toBeDefined();"],
    [VALUE, ""],
  ])("%s may not become %s", (before, after) => {
    expect(judgedAs(before, after)).toBe("block");
  });
});
