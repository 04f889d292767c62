import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readTap, readTapOfFiles, type TapTest } from "../../../../src/check/reports/read-tap.ts";

const brief = ({ names, status }: TapTest) => `${status} ${names.join(" > ")}`;
const read = (text: string) => readTap(text).map(brief);

describe("readTap", () => {
  it("takes assertions as tests when nothing groups them", () => {
    expect(
      read(
        "TAP version 13\nok 1 - a # time=3ms\nnot ok 2 b\nok 3 - c # SKIP later\nnot ok 4 - d # TODO\n1..4",
      ),
    ).toEqual(["pass a", "fail b", "skip c", "skip d"]);
  });

  it("takes the assertions under a comment as one test", () => {
    expect(
      read(
        "# one\nok 1 x\nnot ok 2 y\n# two\nok 3 x # SKIP\nok 4 y\n# three\nok 5 # SKIP\n\n1..5\n# tests 5\n# pass  4\n",
      ),
    ).toEqual(["fail one", "pass two", "skip three"]);
  });

  it("takes groups of assertions as tests and names the groups above them", () => {
    const text =
      "# Subtest: a\n    # Subtest: b\n        ok 1 - x\n    ok 1 - b\nok 1 - a\nok 2 - c {\n    not ok 1 - y\n}\n";
    expect(read(text)).toEqual(["pass a > b", "pass a", "pass c"]);
  });

  it("reads why from the diagnostic of the first failed assertion", () => {
    const text =
      "# add\nok 1 fine\nnot ok 2 sum\n  ---\n    operator: equal\n    expected: 3\n    at: <anonymous> (/workspace/test/a.js:2:3)\n  ...\nnot ok 3 later\n";
    expect(readTap(text)[0]?.error).toMatchObject({
      message: "sum",
      assertion: true,
      timeout: false,
    });
    const thrown =
      "not ok 1 - null has no x\n  ---\n  type: TypeError\n  tapCaught: testFunctionThrow\n  ...\n";
    expect(readTap(thrown)[0]?.error).toMatchObject({ name: "TypeError", assertion: false });
    expect(readTap("not ok 1 slow timed out after 30ms")[0]?.error).toMatchObject({
      timeout: true,
    });
    expect(readTap("not ok 1 test exited without ending: x")[0]?.error).toMatchObject({
      assertion: false,
    });
  });

  it("does not take lines of a diagnostic for results", () => {
    expect(
      read("not ok 1 a\n  ---\n  diff: |\n    ok 1 - forged\nok 2 - forged\n  ...\nok 2 b"),
    ).toEqual(["fail a", "pass b"]);
  });

  it("ignores everything else that was printed", () => {
    expect(read("hello\nokay then\nnot okay\n  ok 7 indented by two\nok 1 a")).toEqual(["pass a"]);
  });

  it("never throws", () => {
    const piece = fc.constantFrom(
      "ok 1 - a",
      "not ok",
      "    ",
      "\n",
      "  ---",
      "  ...",
      "# x",
      " {",
      "}",
      "# Subtest: y",
      "1..2",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string())), (parts) => {
        readTap(parts.join(""));
        readTapOfFiles(parts.join("\n"));
      }),
    );
  });
});

describe("readTapOfFiles", () => {
  it("takes the outermost points for files and adds a file that failed by itself", () => {
    const text =
      "# Subtest: a.js\n    ok 1 - x\nok 1 - a.js\n# Subtest: b.js\n    ok 1 - y\nnot ok 2 - b.js\n  ---\n  exitCode: 1\n  ...\nnot ok 3 - c.js\n";
    expect(readTapOfFiles(text).map(({ file, tests }) => [file, ...tests.map(brief)])).toEqual([
      ["a.js", "pass x"],
      ["b.js", "pass y", "fail "],
      ["c.js", "fail "],
    ]);
  });
});
