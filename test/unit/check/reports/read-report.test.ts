import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readReport } from "../../../../src/check/reports/read-report.ts";
import { formatKey, type TestResult } from "../../../../src/check/suite.ts";
import { KEY, sealed, sha256 } from "../../../fakes/sealed.ts";

const recorded = (name: string) =>
  readFileSync(new URL(`recorded/${name}`, import.meta.url), "utf8");
const read = (lines: string, tapOfFiles = "") =>
  readReport(
    { streams: [sealed(KEY, lines)], tapOfFiles, junit: [], whole: true },
    { root: "/workspace", key: KEY },
    sha256,
  ).tests;
const lines = (...entries: object[]) => entries.map((entry) => JSON.stringify(entry)).join("\n");
const brief = ({ key, status, failure }: TestResult) =>
  [status, formatKey(key), ...(failure ? [failure.reason] : [])].join(" | ");

/** The same small suite, written for each runner and really run by it. */
const suite = (file: string) => [
  `pass | ${file} > add > takes zero`,
  `fail | ${file} > add > adds | assertion`,
  `pass | ${file} > add > adds #2`,
  `fail | ${file} > add > crashes | exception`,
  `skip | ${file} > add > waits`,
  `fail | ${file} > add > is slow | timeout`,
];
const LATE = "fail | test/late.test.js > (file) | import";

describe("readReport", () => {
  it.each([
    ["mocha-3", suite("test/add.js")],
    ["mocha-11", suite("test/add.js")],
    ["jest-24", [...suite("test/add.test.js"), LATE]],
    ["jest-30", [...suite("test/add.test.js"), LATE]],
    ["vitest-0.34", [...suite("test/add.test.js"), LATE]],
    ["vitest-3", [...suite("test/add.test.js"), LATE]],
    ["vitest-5", [...suite("test/add.test.js"), LATE]],
    ["node-20", [...suite("test/add.test.js"), LATE]],
    ["node-24", [...suite("test/add.test.js"), LATE]],
    ["tape-4", [...suite("test/add.js"), "pass | test/add.js > add"]],
    ["tape-5", [...suite("test/add.js"), "pass | test/add.js > add"]],
  ])("reads what %s really reported", (name, expected) => {
    expect(read(recorded(`${name}.ndjson`)).map(brief)).toEqual(expected);
  });

  it("reads what node-tap really wrote", () => {
    expect(read("", recorded("tap-16.tap")).map(brief)).toEqual([
      "pass | test/add.js > adds",
      "fail | test/add.js > group > fails | assertion",
      "fail | test/add.js > group | assertion",
      "fail | test/add.js > throws | exception",
      "skip | test/add.js > waits",
      "fail | test/late.js > (file) | unknown",
    ]);
  });

  it("says each failure in one line without the sandbox's paths", () => {
    for (const name of ["mocha-11", "jest-30", "vitest-5", "node-24", "tape-5"]) {
      for (const { failure } of read(recorded(`${name}.ndjson`))) {
        expect(failure?.message ?? "x").not.toMatch(/\p{Cc}|\/workspace/u);
      }
    }
    const [, adds, , crashes] = read(recorded("tape-5.ndjson"));
    expect(adds?.failure?.message).toBe("should be strictly equal: expected 3, got -1");
    expect(crashes?.failure?.message).toBe(
      "TypeError: Cannot read properties of null (reading 'x')",
    );
  });

  it("takes the worst of several reports about one test", () => {
    const test = { id: "1", file: "/workspace/a.js", names: ["twice"] };
    const again = {
      ...test,
      status: "fail",
      error: { name: "Error", message: "done() called twice" },
    };
    const results = read(lines({ ...test, status: "pass" }, again, { ...test, status: "pass" }));
    expect(results.map(brief)).toEqual(["fail | a.js > twice | unknown"]);
  });

  it("tells equal names apart by file and ordinal, and sorts by file only", () => {
    const entry = (id: string, file: string) => ({
      id,
      file: `/workspace/${file}`,
      names: ["x"],
      status: "pass",
    });
    const results = read(lines(entry("1", "b.js"), entry("2", "a.js"), entry("3", "b.js")));
    expect(results.map(({ key }) => formatKey(key))).toEqual([
      "a.js > x",
      "b.js > x",
      "b.js > x #2",
    ]);
  });

  it("reads TAP that a file printed in place of the file's own result", () => {
    const tap = (text: string) => ({ file: "/workspace/t.js", tap: text });
    const file = {
      id: "1",
      file: "/workspace/t.js",
      names: [],
      status: "fail",
      error: { name: "", message: "test failed" },
    };
    const results = read(
      lines(tap("TAP version 13\n# one\nok 1 a\n# tw"), tap("o\nnot ok 2 b\n"), file),
    );
    expect(results.map(brief)).toEqual(["pass | t.js > one", "fail | t.js > two | assertion"]);
  });

  it("keeps a file's failure that its TAP doesn't explain", () => {
    const tap = { file: "/workspace/t.js", tap: "TAP version 13\nok 1 a\n" };
    const file = {
      id: "1",
      file: "/workspace/t.js",
      names: [],
      status: "fail",
      error: { name: "", message: "exit 7" },
    };
    expect(read(lines(tap, file)).map(brief)).toEqual([
      "fail | t.js > (file) | unknown",
      "pass | t.js > a",
    ]);
  });

  it("ignores a line that was cut off", () => {
    const whole = JSON.stringify({
      id: "1",
      file: "/workspace/a.js",
      names: ["x"],
      status: "pass",
    });
    expect(read(`${whole}\n${whole.slice(0, 30)}`)).toHaveLength(1);
  });

  it("cleans names of what a terminal or a reader would obey", () => {
    const entry = {
      id: "1",
      file: "/workspace/a\u202e.js",
      names: ["\u001b[2Jx\ny"],
      status: "pass",
    };
    expect(read(lines(entry))[0]?.key).toEqual({ file: "a.js", name: "x y", ordinal: 1 });
  });

  it("never throws, whatever the sandbox wrote", () => {
    const entry = fc.record(
      {
        id: fc.anything(),
        file: fc.anything(),
        names: fc.anything(),
        status: fc.anything(),
        error: fc.anything(),
        tap: fc.anything(),
      },
      { requiredKeys: [] },
    );
    const line = fc.oneof(
      fc.string(),
      fc.json(),
      entry.map((value) => JSON.stringify(value) ?? ""),
    );
    fc.assert(
      fc.property(fc.array(line), fc.string(), (all, tap) => {
        for (const { status, failure } of read(all.join("\n"), tap)) {
          expect(failure !== undefined).toBe(status === "fail");
        }
      }),
    );
  });
});
