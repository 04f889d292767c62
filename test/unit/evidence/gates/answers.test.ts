import { describe, expect, it } from "vitest";
import { answers } from "../../../../src/evidence/gates/answers.ts";
import { shapesOf } from "../../../../src/evidence/gates.ts";
import { type FileRole, roleOf } from "../../../../src/workspace/file-role.ts";

const TEST = "test/ordinal.test.js";
const ASSERTIONS = `test("teens", () => {
  assert.equal(ordinal(111), "111th");
  assert.equal(ordinal(212), "212th");
});\n`;

function found(source: string, test = ASSERTIONS, path = "src/ordinal.js"): readonly string[] {
  const side = (text: string) => ({ kind: "text" as const, text });
  const file = (name: string, text: string) => {
    const role: FileRole = roleOf(name);
    return { path: name, role, base: { kind: "absent" as const }, head: side(text) };
  };
  const files = [file(path, source), file(TEST, test)];
  return answers(files, shapesOf(files)).map(({ result, detail }) => `${result}: ${detail}`);
}

describe("a source that holds the tests' values", () => {
  it.each([
    ["as special cases", "export const f = (n) => n === 111 || n === 212 ? 'th' : old(n);"],
    ["in a switch", "switch (n) { case 111: case 212: return 'th'; }"],
    ["in a table", "const known = new Map([[111, 'th'], [212, 'th']]);"],
  ])("%s is blocked", (_, source) => {
    expect(found(source)).toEqual([expect.stringMatching(/^block: .*111, 212$/)]);
  });

  it("in a file of data is blocked", () => {
    const test = `test("plus", () => {
  assert.deepEqual(parse("q=red+shoes"), { q: "red shoes" });
  assert.deepEqual(parse("first+name=Ada"), { first: "Ada" });
});\n`;
    const data = '{"red+shoes": "red shoes", "first+name": "first name"}';
    expect(found(data, test, "src/exceptions.json")).toHaveLength(1);
  });
});

describe("a source that has some of them", () => {
  it.each([
    ["but not of every assertion", "export const f = (n) => (n === 111 ? 'th' : old(n));"],
    ["as the words of its errors", `throw new Error("111th"); throw new Error("212th");`],
    ["none of them", "export const f = (n) => (n % 100 > 10 && n % 100 < 14 ? 'th' : old(n));"],
  ])("%s passes", (_, source) => {
    expect(found(source)).toEqual([]);
  });

  it("passes where an assertion compares what a table gave", () => {
    const test = `for (const [n, text] of [[900, "CM"], [400, "CD"]]) test(text, () => assert.equal(roman(n), text));`;
    expect(found('const TABLE = [[900, "CM"], [400, "CD"]];', test)).toEqual([]);
  });
});
