import { describe, expect, it } from "vitest";
import { shapesOf } from "../../../../src/evidence/gates.ts";
import { isNamed, weakTests } from "../../../../src/evidence/tests/weak-tests.ts";
import { file } from "../../../fakes/gate-files.ts";
import { added, good, judged } from "../../../fakes/judged.ts";

const weak = (body: string, head = "") =>
  weakTests(shapesOf([file("test/new.js", null, `${head}\ntest("bug", () => {\n${body}\n});\n`)]));

describe("a test proves little when it", () => {
  it.each([
    ["asks for a type", `assert.equal(typeof cache.touch, "function");`],
    ["asks for a type with expect", `expect(typeof cache.touch).toBe("function");`],
    ["asks whether it is defined", "expect(cache.touch).toBeDefined();"],
    ["asks for a member", `assert.ok("touch" in cache);`],
    ["asserts nothing", "cache.touch();"],
    ["reads the source", `assert.match(readFileSync("../src/a.js", "utf8"), /min/);`],
  ])("%s", (_name, body) => {
    expect(weak(body)).toMatchObject([{ path: "test/new.js", title: "bug" }]);
  });

  it("looks at the source outside of any test", () => {
    const head = `const at = new URL("../../src/a.js", import.meta.url);\nconst there = existsSync(at);`;
    expect(weak("assert.equal(a(), there);", head)).toMatchObject([{ title: null }]);
  });
});

describe("a test proves as much as another when it", () => {
  it.each([
    ["asks for a value, too", `assert.equal(typeof a(), "string");\nassert.equal(a(), "x");`],
    ["asks for a type and more", `assert.ok(typeof a() === "string" && a() === "x");`],
    ["has a helper assert", "checkAll(1, 2);"],
    ["reads what was written", `cli("../src/a.js");\nassert.equal(readFileSync(out), "x");`],
    ["reads a fixture", `assert.equal(readFileSync("fixtures/a.js"), "x");`],
  ])("%s", (_name, body) => {
    expect(weak(body)).toEqual([]);
  });
});

it("a verdict on such a test alone is weak", () => {
  const one = { path: "t/new.js", title: "bug", why: "it only asks for a type" };
  const touched = { ...added, weak: [one] };
  expect(judged({ ...good, touched })).toMatchObject({
    verdict: "verified_weak",
    tests: { failToPass: [{ strength: "weak", doubt: one.why }] },
  });
  const nothing = { ...added, weak: [{ ...one, unlessAsserted: true }] };
  expect(judged({ ...good, touched: nothing }).verdict).toBe("verified");
});

it("titles of parametrised tests are known in results", () => {
  expect(isNamed("group > adds 1 and 2", "adds %i and %i")).toBe(true);
  expect(isNamed("group > adds 1", "adds $a")).toBe(true);
  expect(isNamed("other", "adds %i")).toBe(false);
});
