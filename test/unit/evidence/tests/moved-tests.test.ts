import { describe, expect, it } from "vitest";
import { type MovedTest, movedTests } from "../../../../src/evidence/tests/moved-tests.ts";
import { testShape } from "../../../../src/evidence/tests/test-shape.ts";
import { judged } from "../../../fakes/judged.ts";

const ONE = `test("one", () => { assert.equal(f(), 1); });\n`;
const TWO = `test("two", () => { assert.equal(g(), 2); });\n`;

function file(path: string, base: string, head: string) {
  const shapes = { base: testShape(base), head: testShape(head) };
  return { path, isTest: true, existed: base !== "", ...shapes };
}

const at = (path: string, title: string) => ({ path, title });

describe("a test of the base", () => {
  it("that stands in another file now has moved", () => {
    const moved = movedTests([file("a.js", ONE + TWO, ONE), file("b.js", "", TWO)]);
    expect(moved).toEqual([{ from: at("a.js", "two"), to: at("b.js", "two") }]);
  });

  it("that is called otherwise now has moved", () => {
    const moved = movedTests([file("a.js", ONE, ONE.replace("one", "uno"))]);
    expect(moved).toEqual([{ from: at("a.js", "one"), to: at("a.js", "uno") }]);
  });

  it.each([
    ["does something else", ONE.replace("one", "uno").replace("1)", "3)")],
    ["is gone", ""],
  ])("that %s has not", (_, head) => {
    expect(movedTests([file("a.js", ONE, head)])).toEqual([]);
  });

  it("stands for one test only", () => {
    const twice = `describe("x", () => {${ONE}}); describe("y", () => {${ONE}});`;
    expect(movedTests([file("a.js", twice, ""), file("b.js", "", ONE)])).toHaveLength(1);
  });
});

describe("a moved test", () => {
  const moved: readonly MovedTest[] = [{ from: at("t/a.js", "one"), to: at("t/b.js", "uno") }];
  const touched = { paths: ["t/a.js", "t/b.js"], existing: ["t/a.js"], moved };
  const first = { "t/a.js > group > one": "pass" } as const;

  it("counts as the same before and after, and proves nothing", () => {
    const head = { "t/b.js > group > uno": "pass" } as const;
    const { verdict, tests } = judged({ first, onBase: head, head, touched });
    expect(tests).toMatchObject({ passToPass: 1, removed: [], newToPass: [], failToPass: [] });
    expect(verdict).toBe("verified_no_new_test");
  });

  it("that fails there is gone", () => {
    const head = { "t/b.js > group > uno": "assertion" } as const;
    const { verdict, tests } = judged({ first, onBase: head, head, touched });
    expect([verdict, tests.removed.length]).toEqual(["unverified", 1]);
  });
});
